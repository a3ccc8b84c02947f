using System.CommandLine;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary>Verbs about files: a sample, a predecessor's folders, old files.</summary>
internal static class HousekeepingCommands
{
    private const string Sample = """
        ---
        # id: optional; without it the file's name without .md. One id is one content.
        type: code_review        # code_review, summarize, fix, bug_fix, analyze, documentation
        priority: medium         # high, medium, low
        # cwd: 'C:\code\app'     # a folder of a git repository; /app means below CLAUDE_BASE_CWD
        # timeout_sec: 900       # wall clock of a run
        # agent_type: code_review
        ---

        # Review the error handling

        **Target Files:**
        - src/app.cs

        **Prompt:**
        Review how errors are handled. Name file and line of each finding.

        **Success Criteria:**
        - [ ] every finding names a file and a line

        **Context:**
        What the agent should know beside the request.

        """;

    /// <summary>Adds them.</summary>
    public static void Add(RootCommand root)
    {
        root.Add(CreateSample());
        root.Add(Import());
        root.Add(Clean());
    }

    private static Command CreateSample()
    {
        var file = new Argument<string>("file")
        {
            Description = "Where to write it.",
            DefaultValueFactory = _ => "sample.task.md",
        };
        var command = new Command("create-sample", "Write one sample task file; nothing is run.")
        {
            file,
        };
        command.SetAction(
            async (p, token) =>
            {
                var path = Path.GetFullPath(p.GetValue(file)!);
                try
                {
                    await using var stream = new FileStream(
                        path,
                        FileMode.CreateNew,
                        FileAccess.Write
                    );
                    await stream.WriteAsync(
                        System.Text.Encoding.UTF8.GetBytes(Sample.ReplaceLineEndings("\n")),
                        token
                    );
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    await Console.Error.WriteLineAsync(
                        $"orchestrator: {e.Message} Nothing is overwritten; name another file."
                    );
                    return ExitCodes.Usage;
                }
                CommandLine
                    .Out(p)
                    .Answer(
                        new WorkReport([path], [], []),
                        OrchestratorJson.Default.WorkReport,
                        _ => Output.Line(path)
                    );
                await Console.Error.WriteLineAsync(
                    $"Edit it, then move it into {Path.Combine(CommandLine.Finder(p).Data, "tasks")} to run it."
                );
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Import()
    {
        var directory = new Argument<string>("directory")
        {
            Description = "The predecessor's working directory, on the server's host.",
        };
        var dryRun = DryRun();
        var command = new Command(
            "import",
            "Take over a predecessor's pending files, results, summaries and logs. Repeated, it takes nothing twice."
        )
        {
            directory,
            dryRun,
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var report = await client.ImportAsync(
                    new ImportRequest
                    {
                        Directory = Path.GetFullPath(p.GetValue(directory)!),
                        DryRun = p.GetValue(dryRun),
                    },
                    token
                );
                return Told(p, report, p.GetValue(dryRun));
            }
        );
        return command;
    }

    private static Command Clean()
    {
        var what = new Argument<string>("what") { Description = "tasks, artifacts or uploads." };
        what.AcceptOnlyFromAmong("tasks", "artifacts", "uploads");
        var days = new Option<int>("--days")
        {
            Description = "Older than this many days.",
            DefaultValueFactory = _ => 30,
        };
        var dryRun = DryRun();
        var command = new Command(
            "clean",
            "Put old task files away, or delete old results and summaries, or files that were sent and never named. Facts are never deleted."
        )
        {
            what,
            days,
            dryRun,
        };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var report = await client.CleanAsync(
                    new CleanRequest
                    {
                        What = p.GetValue(what),
                        Days = p.GetValue(days),
                        DryRun = p.GetValue(dryRun),
                    },
                    token
                );
                return Told(p, report, p.GetValue(dryRun));
            }
        );
        return command;
    }

    private static Option<bool> DryRun() =>
        new("--dry-run") { Description = "Only tell what would be done." };

    private static int Told(ParseResult p, WorkReport report, bool dryRun)
    {
        CommandLine
            .Out(p)
            .Answer(
                report,
                OrchestratorJson.Default.WorkReport,
                r =>
                {
                    Lines(dryRun ? "would take" : "done", r.Done);
                    Lines("left", r.Skipped);
                    Lines("problem", r.Problems);
                    Output.Line(
                        $"{r.Done.Count} {(dryRun ? "would be done" : "done")}, {r.Skipped.Count} left, {r.Problems.Count} problems"
                    );
                }
            );
        return report.Problems.Count > 0 ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static void Lines(string word, IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
        {
            Output.Line($"{word, -10}  {line}");
        }
    }
}
