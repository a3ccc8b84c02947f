using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>Completion in the shells themselves, each with the script that the program prints for it.</summary>
public sealed partial class CompletionTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private const string Bash = """
        eval "$(orchestrator completions bash)"
        complete -p orchestrator | grep -q _orchestrator_complete || exit 9
        COMP_LINE="$LINE"; COMP_POINT=${#COMP_LINE}
        read -ra COMP_WORDS <<< "$COMP_LINE"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _orchestrator_complete
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    private const string Fish = """
        orchestrator completions fish | source
        complete -C "$LINE"
        """;

    // A shell on a terminal of its own: what the key of completion lists is read off it.
    private const string Zsh = """
        zmodload zsh/zpty
        zpty shell 'zsh -f -i'
        zpty -w shell 'PROMPT="<wait>"; unsetopt zle_bracketed_paste beep; LISTMAX=1000; autoload -U compinit; compinit -D -u'
        zpty -w shell 'eval "$(orchestrator completions zsh)"; bindkey "^I" list-choices; PROMPT="<g""o>"'
        zpty -r -m shell line '*<go>*'
        zpty -w -n shell "$LINE"$'\t'
        zpty -w -n shell $'\x15print "<o""ver>"\n'
        zpty -r -m shell line '*<over>*'
        print -r -- "$line"
        """;

    private const string Pwsh = """
        Import-Module ([IO.Path]::Combine([psobject].Assembly.Location, '..', 'Microsoft.PowerShell.Commands.Utility.dll'))
        orchestrator completions pwsh | Out-String | Invoke-Expression
        (TabExpansion2 -inputScript $env:LINE -cursorColumn $env:LINE.Length).CompletionMatches.CompletionText
        """;

    public static TheoryData<string, string, string> Lines()
    {
        var lines = new TheoryData<string, string, string>();
        foreach (var shell in (string[])["bash", "fish", "zsh", "pwsh"])
        {
            lines.Add(shell, "orchestrator doc", "doctor");
            lines.Add(shell, "orchestrator doctor --s", "--security --strict");
            lines.Add(shell, "orchestrator stats --by req", "requester");
        }
        return lines;
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task A_shell_completes_verbs_options_and_values(
        string shell,
        string line,
        string words
    )
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && shell != "pwsh", "There is no such shell.");
        var info = shell switch
        {
            "bash" => new ProcessStartInfo("bash", ["--norc", "-c", Bash]),
            "fish" => new ProcessStartInfo("fish", ["--no-config", "-c", Fish]),
            "zsh" => new ProcessStartInfo("zsh", ["-f", "-c", Zsh]),
            _ => PowerShell.Running("-Command", Pwsh),
        };
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        info.Environment["LINE"] = line;
        info.Environment["PATH"] =
            Path.GetDirectoryName(SiloProcess.Output("Orchestrator.Cli", "orchestrator"))
            + Path.PathSeparator
            + Environment.GetEnvironmentVariable("PATH");

        using var program = Process.Start(info)!;
        var error = program.StandardError.ReadToEndAsync();
        var output = await program.StandardOutput.ReadToEndAsync().WaitAsync(Deadline);

        Assert.True(
            words.Split(' ').SequenceEqual(Offered(shell, output).Order(StringComparer.Ordinal)),
            $"{output}\n{await error.WaitAsync(Deadline)}"
        );
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task A_script_has_line_feeds_alone(string shell)
    {
        var run = await CliProcess.RunAsync(null, "completions", shell);

        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain('\r', run.Output);
    }

    // What zsh shows stands between the sequences that clear the screen below the line and go up again.
    private static IEnumerable<string> Offered(string shell, string output) =>
        (
            shell == "zsh" ? ZshList().Match(output).Groups[1].Value.Replace(' ', '\n') : output
        ).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    [GeneratedRegex("\x1b\\[J([^\x1b]+)\x1b\\[A")]
    private static partial Regex ZshList();
}
