using System.CommandLine;
using System.Text;

namespace Orchestrator.Cli;

/// <summary>Hidden: prints the reference of the whole command line, or of all codes, as Markdown. <c>docs/cli.md</c> and <c>docs/errors.md</c> are what it prints.</summary>
internal static class ReferenceCommand
{
    /// <summary>The verb.</summary>
    public static Command Make(RootCommand root)
    {
        var what = new Argument<string>("what") { Description = "cli or errors." };
        what.AcceptOnlyFromAmong("cli", "errors");
        var command = new Command("reference", "Print a reference page as Markdown.") { what };
        command.Hidden = true;
        command.SetAction(p =>
        {
            Console.Out.Write(p.GetValue(what) == "cli" ? Verbs(root) : Errors());
            return ExitCodes.Done;
        });
        return command;
    }

    private static string Verbs(RootCommand root)
    {
        var text = new StringBuilder();
        Line(text, "# Command line");
        Line(text, "");
        Line(
            text,
            "Made from the program itself; `orchestrator VERB --help` says the same. With every verb:"
        );
        Line(text, "");
        Options(text, root.Options.Where(o => !IsOfTheShell(o)));
        Line(text, "");
        Line(
            text,
            "Exit codes: 0 done, 1 failed, 2 usage, 3 policy, 4 needs approval, 5 cancelled, 6 unreachable, 7 paused, 8 busy, 9 not authorised, 130 detached. Codes of refusals: [errors](errors.md)."
        );
        foreach (
            var command in root
                .Subcommands.Where(c => !c.Hidden)
                .OrderBy(c => c.Name, StringComparer.Ordinal)
        )
        {
            Verb(text, command, command.Name);
        }
        return text.ToString();
    }

    private static void Verb(StringBuilder text, Command command, string name)
    {
        Line(text, "");
        Line(text, $"## {name}");
        Line(text, "");
        Line(text, command.Description ?? "");
        var options = command.Options.Where(o => !o.Hidden && !IsOfTheShell(o)).ToList();
        if (command.Arguments.Count + options.Count > 0)
        {
            Line(text, "");
            Line(text, "| | |");
            Line(text, "|---|---|");
            foreach (var argument in command.Arguments.Where(a => !a.Hidden))
            {
                Line(
                    text,
                    $"| `{argument.Name.ToUpperInvariant()}`{(argument.Arity.MinimumNumberOfValues == 0 ? " (may be left out)" : "")} | {Cell(argument.Description)} |"
                );
            }
            Rows(text, options);
        }
        var examples = VerbExamples.Of(name);
        if (examples.Count > 0)
        {
            Line(text, "");
            Line(text, "```");
            foreach (var example in examples)
            {
                Line(text, example);
            }
            Line(text, "```");
        }
        foreach (var inner in command.Subcommands.Where(c => !c.Hidden))
        {
            Verb(text, inner, $"{name} {inner.Name}");
        }
    }

    private static void Options(StringBuilder text, IEnumerable<Option> options)
    {
        Line(text, "| | |");
        Line(text, "|---|---|");
        Rows(text, options);
    }

    private static void Rows(StringBuilder text, IEnumerable<Option> options)
    {
        foreach (var option in options)
        {
            var names = string.Join(
                ", ",
                option.Aliases.Prepend(option.Name).Select(n => $"`{n}`")
            );
            Line(text, $"| {names} | {Cell(option.Description)} |");
        }
    }

    private static string Errors()
    {
        var text = new StringBuilder();
        Line(text, "# Codes");
        Line(text, "");
        Line(
            text,
            "Every code that the API and the command line can answer, and every class of a run's failure. `orchestrator explain-error CODE` says the same. Codes never change their meaning."
        );
        Line(text, "");
        Line(text, "| code | meaning | what helps |");
        Line(text, "|---|---|---|");
        foreach (var code in ErrorWords.Codes)
        {
            var (meaning, cure) = ErrorWords.Of(code);
            Line(text, $"| `{code}` | {Cell(meaning)} | {Cell(cure)} |");
        }
        return text.ToString();
    }

    // Of the library itself: they differ between its versions.
    private static bool IsOfTheShell(Option option) => option.Name is "--help" or "--version";

    private static string Cell(string? text) =>
        (text ?? "").Replace("|", "\\|", StringComparison.Ordinal);

    // Line feeds on every system: the page is compared byte by byte.
    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
