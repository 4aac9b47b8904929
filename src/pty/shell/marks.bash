# Marks for Dispatch: where a prompt begins and ends, which command began and how it ended (OSC 133
# and 633), and the folder (OSC 7). Read by bash as its ENV file, in the place of its startup files:
# so it reads those, as bash itself would have. Nothing of it is seen by other programs.

set +o posix
shopt -u inherit_errexit 2>/dev/null # Posix mode switched it on.
if [[ -n ${SHELL_MARKS_ENV+set} ]]; then export ENV=$SHELL_MARKS_ENV; else unset ENV; fi
if [[ -n ${SHELL_MARKS_HISTORY-} ]]; then HISTFILE=~/.bash_history; fi
unset SHELL_MARKS_ENV SHELL_MARKS_HISTORY

# Before the startup files, whose aliases would else be read into it. PS0 and ${name@P} came with 4.4.
# A shell within this one has neither these functions nor the marks.
if [[ $- == *i* ]] && ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
  __marks_ran=0 __marks_seen=0 __marks_done= __marks_pwd= __marks_url= __marks_number='\!' __marks_history=
  # In values, not in PS1: where that is exported, sh finds nothing of them in it.
  __marks_end=$'\001\e]133;D;' __marks_close=$'\a\002' __marks_begin=$'\001\e]133;A\a\002' __marks_input=$'\001\e]133;B\a\002'
  __marks_before='${__marks_done:+${__marks_end:+$__marks_end$?$__marks_close}}${__marks_begin-}' __marks_after='${__marks_input-}'
  __marks_ps0='${__marks_ran:+${PS1:$((__marks_ran += 1, 0)):0}$({ __marks_line; } 2>/dev/null)\e]133;C\a}'

  # Runs after all else that the prompt brings about. The exit code is told by PS1 itself, where $? is
  # that of the command, whatever ran in between.
  __marks_prompt() {
    if ((__marks_ran != __marks_seen)); then __marks_done=1; else __marks_done=; fi
    __marks_seen=$__marks_ran
    if [[ $PWD != "$__marks_pwd" ]]; then __marks_encode; fi
    builtin printf '\e]7;file://%s%s\a' "$HOSTNAME" "$__marks_url"
    if [[ ${PS1+${PS1@a}}${PS0+${PS0@a}} == *r* ]]; then return; fi
    if ! builtin shopt -q promptvars; then # They would stand there as they are written.
      PS1=${PS1/"$__marks_before"} PS1=${PS1/"$__marks_after"} PS0=${PS0/"$__marks_ps0"}
      return
    fi
    if [[ ${PS1-} != *']133;A'* && ${PS1-} != *"$__marks_before"* ]]; then PS1=$__marks_before${PS1-}; fi
    if [[ $PS1 != *']133;B'* && $PS1 != *"$__marks_after"* ]]; then PS1=$PS1$__marks_after; fi
    if [[ ${PS0-} != *__marks_line* ]]; then PS0=${PS0-}$__marks_ps0; fi
    __marks_history=${__marks_number@P}
  }

  # In a subshell of its own. What the history leaves out is read from the screen by whoever hears
  # the marks: the last line of the history would be another command.
  __marks_line() {
    builtin trap - DEBUG
    if [[ ${__marks_number@P} == "$__marks_history" ]]; then return; fi
    builtin local line
    line=$(HISTTIMEFORMAT= builtin history 1)
    if [[ ! $line =~ ^[[:space:]]*[0-9]+\*?[[:space:]](.*)$ ]]; then return; fi
    line=${BASH_REMATCH[1]# }
    line=${line:0:4096}
    line=${line//\\/\\\\}
    line=${line//;/\\x3b}
    line=${line//$'\n'/\\x0a}
    builtin printf '\e]633;E;%s\a' "${line//[[:cntrl:]]/ }"
  }

  # A path byte by byte as a URL has it.
  __marks_encode() {
    builtin local LC_ALL=C at char code
    __marks_pwd=$PWD __marks_url=
    for ((at = 0; at < ${#PWD}; at += 1)); do
      char=${PWD:at:1}
      case $char in
        [a-zA-Z0-9/._~-]) ;;
        *) builtin printf -v code '%d' "'$char"; builtin printf -v char '%%%02X' $((code & 255)) ;;
      esac
      __marks_url+=$char
    done
  }

  # As a list where bash knows lists there; one that is exported stays a text, which a shell within
  # this one can read: there the name is empty, and nothing happens. One that may not be changed means it.
  # What `set -x` would show of it is nobody's matter. The exit code is what the first prompt says.
  __marks_start() {
    __marks_call=__marks_prompt
    builtin local of=${PROMPT_COMMAND+${PROMPT_COMMAND@a}}
    if [[ $of == *r* ]]; then return "$1"; fi
    if [[ $of == *x* ]] || ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 501)); then
      PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}'{ ${__marks_call-}; } 2>/dev/null'
    else
      PROMPT_COMMAND+=('{ __marks_prompt; } 2>/dev/null')
    fi
    return "$1"
  }
else
  __marks_start() { return "$1"; }
fi

if shopt -q login_shell; then
  if [[ -r /etc/profile ]]; then . /etc/profile; fi
  if [[ -r ~/.bash_profile ]]; then . ~/.bash_profile
  elif [[ -r ~/.bash_login ]]; then . ~/.bash_login
  elif [[ -r ~/.profile ]]; then . ~/.profile
  fi
else
  if [[ -r /etc/bash.bashrc ]]; then . /etc/bash.bashrc; fi
  if [[ -r ~/.bashrc ]]; then . ~/.bashrc; fi
fi

__marks_start $?
