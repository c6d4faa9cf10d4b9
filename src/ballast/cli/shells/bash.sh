# Completion of ballast in bash. In ~/.bashrc: eval "$(ballast completion bash)"
_ballast_complete() {
    local found
    COMPREPLY=()
    # the line as far as it is written: COMP_WORDS are cut at colons and equals signs
    while IFS= read -r found; do
        COMPREPLY+=("${found%$'\r'}")
    done < <(ballast complete --bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
    # a region goes on with its sectors, a folder with what is in it: no space behind them
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[./] ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}
complete -o default -F _ballast_complete ballast
