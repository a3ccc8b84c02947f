using System.CommandLine;

namespace Orchestrator.Cli;

/// <summary>Scripts by which shells complete verbs and options. They ask this program, so that they never grow old.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # orchestrator completions for bash: eval "$(orchestrator completions bash)"
        _orchestrator_complete() {
            local IFS=$'\n' words
            words="$(orchestrator "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)"
            COMPREPLY=( $(compgen -W "${words}" -- "${COMP_WORDS[COMP_CWORD]}") )
        }
        complete -o default -F _orchestrator_complete orchestrator
        """;

    private const string Zsh = """
        # orchestrator completions for zsh: eval "$(orchestrator completions zsh)", after compinit
        _orchestrator_complete() {
            local -a words
            words=("${(@f)$(orchestrator "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            [[ ${#words[@]} -gt 0 && -n "${words[1]}" ]] && compadd -a words || _files
        }
        compdef _orchestrator_complete orchestrator
        """;

    private const string Fish = """
        # orchestrator completions for fish: orchestrator completions fish | source
        function __orchestrator_complete
            set -l line (commandline -cp)
            orchestrator "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c orchestrator -a '(__orchestrator_complete)'
        """;

    private const string PowerShell = """
        # orchestrator completions for PowerShell: orchestrator completions pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName orchestrator -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $line = "$commandAst"
            if ($line.Length -lt $cursorPosition) { $line = $line.PadRight($cursorPosition) }
            orchestrator "[suggest:$cursorPosition]" "$line" 2>$null |
                Where-Object { $_ -like "$wordToComplete*" } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command(
            "completions",
            "Print a script by which a shell completes verbs and options."
        )
        {
            shell,
        };
        command.SetAction(p =>
        {
            // Line feeds alone: a carriage return would be part of the script.
            Console.Out.Write(
                (
                    p.GetValue(shell) switch
                    {
                        "bash" => Bash,
                        "zsh" => Zsh,
                        "fish" => Fish,
                        _ => PowerShell,
                    }
                ).ReplaceLineEndings("\n") + "\n"
            );
            return ExitCodes.Done;
        });
        return command;
    }
}
