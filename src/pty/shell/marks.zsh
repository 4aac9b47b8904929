# Marks for Dispatch: where a prompt begins and ends, which command began and how it ended (OSC 133
# and 633), and the folder (OSC 7). Read by zsh as the .zshenv of a ZDOTDIR that is set back here, so
# that it goes on with the startup files that it would have read without.

if [[ -n ${SHELL_MARKS_ZDOTDIR+set} ]]; then
  'builtin' 'export' ZDOTDIR="$SHELL_MARKS_ZDOTDIR"
else
  'builtin' 'unset' ZDOTDIR
fi
'builtin' 'unset' SHELL_MARKS_ZDOTDIR
if [[ -r ${ZDOTDIR-$HOME}/.zshenv ]]; then
  'builtin' 'source' "${ZDOTDIR-$HOME}/.zshenv"
fi

if [[ -o interactive ]]; then
  'builtin' 'typeset' -g __marks_ran= __marks_pwd= __marks_url=

  # The first of all hooks, for the exit code; the last one is added when the startup files are read.
  __marks_precmd() {
    'builtin' 'local' code=$?
    'builtin' 'emulate' -L zsh
    if [[ -n $__marks_ran ]]; then 'builtin' 'printf' '\e]133;D;%s\a' $code; fi
    __marks_ran=
    if [[ $PWD != $__marks_pwd ]]; then __marks_encode; fi
    'builtin' 'printf' '\e]7;file://%s%s\a' "$HOST" "$__marks_url"
    if (( ! ${precmd_functions[(I)__marks_wrap]} )); then
      precmd_functions+=(__marks_wrap)
      __marks_wrap # The list that runs now is the one from before.
    fi
  }

  __marks_wrap() {
    if [[ $PS1 != *']133;A'* ]]; then PS1=$'%{\e]133;A\a%}'$PS1; fi
    if [[ $PS1 != *']133;B'* ]]; then PS1=$PS1$'%{\e]133;B\a%}'; fi
  }

  __marks_preexec() {
    'builtin' 'emulate' -L zsh
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

  'builtin' 'typeset' -ga precmd_functions preexec_functions
  precmd_functions=(__marks_precmd $precmd_functions)
  preexec_functions+=(__marks_preexec)
fi
