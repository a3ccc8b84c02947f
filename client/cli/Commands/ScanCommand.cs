using System.CommandLine;

namespace Orchestrator.Cli;

/// <summary>Looks for secrets; the silo's program does it, no server is needed.</summary>
internal static class ScanCommand
{
    /// <summary>The verb.</summary>
    public static Command Make()
    {
        var paths = new Argument<string[]>("paths")
        {
            Description = "Files or folders; default: the current folder.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var diff = new Option<string?>("--diff")
        {
            Description = "The lines that a unified diff adds: its file, or - for stdin.",
        };
        var staged = new Option<bool>("--staged")
        {
            Description = "The lines that git would commit here.",
        };
        var command = new Command(
            "scan",
            "Look for secrets: in files, in a diff, or in what is staged. 0: none, 3: found."
        )
        {
            paths,
            diff,
            staged,
        };
        command.SetAction(
            (p, _) =>
            {
                List<string> arguments = ["scan"];
                if (p.GetValue(diff) is { } file)
                {
                    arguments.AddRange(["--diff", file]);
                }
                if (p.GetValue(staged))
                {
                    arguments.Add("--staged");
                }
                if (CommandLine.Out(p).Json)
                {
                    arguments.Add("--json");
                }
                arguments.AddRange(["--", .. p.GetValue(paths) ?? []]);
                return Task.FromResult(ServeCommand.Start(arguments));
            }
        );
        return command;
    }
}
