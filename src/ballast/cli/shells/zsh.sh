# Completion of ballast in zsh. In ~/.zshrc: eval "$(ballast completion zsh)"
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
_ballast() {
    local -a found begun whole
    found=(${(f)"$(ballast complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)"})
    (( $#found )) || { _files; return }
    # a region goes on with its sectors, a folder with what is in it: no space behind them
    begun=(${(M)found:#*[./]})
    whole=(${found:#*[./]})
    # -U: what is found may begin in another width or case than what was typed
    compadd -U -S '' -a begun
    compadd -U -a whole
    return 0
}
compdef _ballast ballast
