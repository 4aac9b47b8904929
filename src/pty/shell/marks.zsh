# Marks for Dispatch: where a prompt begins and ends, which command began and how it ended (OSC 133
# and 633), and the folder (OSC 7). Read by zsh as the .zshenv of a ZDOTDIR that is set back here, so
# that it goes on with the startup files that it would have read without.

# Before the user's own .zshenv, whose aliases and options would else be read into it.
if [[ -o interactive ]]; then
  'builtin' 'typeset' -g __marks_ran= __marks_pwd= __marks_url=
  'builtin' 'typeset' -g __marks_before=$'%{\e]133;A\a%}' __marks_after=$'%{\e]133;B\a%}'

  # The first of all hooks, for the exit code; the last one is added when the startup files are read.
  __marks_precmd() {
    'builtin' 'local' code=$?
    'builtin' 'emulate' -L zsh -o no_xtrace
    if [[ -n $__marks_ran ]]; then 'builtin' 'printf' '\e]133;D;%s\a' $code; fi
    __marks_ran=
    if [[ $PWD != $__marks_pwd ]]; then __marks_encode; fi
    'builtin' 'printf' '\e]7;file://%s%s\a' "$HOST" "$__marks_url"
    if (( ! ${precmd_functions[(I)__marks_wrap]} )); then
      precmd_functions+=(__marks_wrap)
      __marks_wrap # The list that runs now is the one from before.
    fi
  }

  # Where percent signs mean nothing the marks would stand there as they are written.
  __marks_wrap() {
    'builtin' 'setopt' local_options no_xtrace
    if [[ ${(t)PS1} == *readonly* ]]; then 'builtin' 'return'; fi
    if [[ ! -o prompt_percent ]]; then
      PS1=${${PS1/"$__marks_before"}/"$__marks_after"}
      'builtin' 'return'
    fi
    if [[ $PS1 != *']133;A'* ]]; then PS1=$__marks_before$PS1; fi
    if [[ $PS1 != *']133;B'* ]]; then PS1=$PS1$__marks_after; fi
  }

  __marks_preexec() {
    'builtin' 'emulate' -L zsh -o no_xtrace
    'builtin' 'local' line=${${1:-$2}[1,4096]}
    line=${line//\\/\\\\}
    line=${line//;/\\x3b}
    line=${line//$'\n'/\\x0a}
    'builtin' 'printf' '\e]633;E;%s\a\e]133;C\a' "${line//[[:cntrl:]]/ }"
    __marks_ran=1
  }

  # A path byte by byte as a URL has it.
  __marks_encode() {
    'builtin' 'emulate' -L zsh -o no_multibyte -o extended_glob
    __marks_pwd=$PWD
    __marks_url=${PWD//(#m)[^a-zA-Z0-9\/._~-]/%${(l:2::0:)$(([##16]#MATCH))}}
  }

  __marks_start() {
    'builtin' 'emulate' -L zsh
    'builtin' 'typeset' -ga precmd_functions preexec_functions
    precmd_functions=(__marks_precmd $precmd_functions)
    preexec_functions+=(__marks_preexec)
  }
else
  __marks_start() { : }
fi

if [[ -n ${SHELL_MARKS_ZDOTDIR+set} ]]; then
  'builtin' 'export' ZDOTDIR="$SHELL_MARKS_ZDOTDIR"
else
  'builtin' 'unset' ZDOTDIR
fi
'builtin' 'unset' SHELL_MARKS_ZDOTDIR
if [[ -r ${ZDOTDIR-$HOME}/.zshenv ]]; then
  'builtin' 'source' "${ZDOTDIR-$HOME}/.zshenv"
fi
'__marks_start'
