# Completion of ballast in PowerShell. In $PROFILE: ballast completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ballast -ScriptBlock {
    param($typed, $tree, $cursor)
    $before = @($tree.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursor } |
        ForEach-Object { if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } })
    $last = "$typed".Trim([char[]]"'""")
    $encoding, $ours = [Console]::OutputEncoding, $env:PYTHONIOENCODING
    try {
        [Console]::OutputEncoding = [System.Text.Encoding]::UTF8
        $env:PYTHONIOENCODING = 'utf-8'
        # an empty word gets lost on its way to a program in some versions: --next stands for it
        if ($last) { $found = ballast complete '--' @before $last 2>$null }
        else { $found = ballast complete --next '--' @before 2>$null }
    }
    finally {
        [Console]::OutputEncoding = $encoding
        $env:PYTHONIOENCODING = $ours
    }
    $found | Where-Object { $_ } | ForEach-Object {
        $text = if ($_ -match '[^\w./:=+-]') { "'" + $_.Replace("'", "''") + "'" } else { $_ }
        [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
    }
}
