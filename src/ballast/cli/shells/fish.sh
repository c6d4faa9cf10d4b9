# Completion of ballast in fish. In ~/.config/fish/config.fish: ballast completion fish | source
function __ballast_complete
    set -l before (commandline -opc)
    set -e before[1]
    set -l typed (commandline -ct)
    set -l plain (string unescape -- "$typed")
    or set plain (string trim --left --chars '"\'' -- "$typed")
    set -l found (ballast complete -- $before "$plain" 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path "$typed"
    end
end
complete -c ballast -f -a '(__ballast_complete)'
