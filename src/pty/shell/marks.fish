# Marks for Dispatch: where a prompt begins, which command began and how it ended (OSC 133 and 633),
# and the folder (OSC 7). Read by fish after its own configuration. From 4.0 on fish tells all of it by
# itself. No function of the user's is wrapped: they print, show and save their prompts as ever.

if status is-interactive; and string match -qr '^[0-3]\.' -- $version
    function __marks_begin --on-event fish_prompt --on-event fish_cancel
        builtin printf '\e]7;file://%s%s\a\e]133;A\a' $hostname (string escape --style=url -- $PWD)
    end

    function __marks_preexec --on-event fish_preexec
        set -l line (string join '\\x0a' -- (string replace -a ';' '\\x3b' -- (string replace -a '\\' '\\\\' -- (string split \n -- $argv[1]))))
        builtin printf '\e]633;E;%s\a\e]133;C\a' (string sub -l 4096 -- "$line")
        set -g __marks_ran 1
    end

    function __marks_postexec --on-event fish_postexec
        set -l code $status
        if set -q __marks_ran
            builtin printf '\e]133;D;%s\a' $code
            set -e __marks_ran
        end
    end
end
