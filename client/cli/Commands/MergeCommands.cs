using System.CommandLine;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Delivery;

namespace Orchestrator.Cli;

/// <summary>Verbs about merging by itself.</summary>
internal static class MergeCommands
{
    /// <summary>Adds them.</summary>
    public static void Add(RootCommand root)
    {
        var merges = new Command(
            "merges",
            "Who merges into a repository's branches, and who waits."
        );
        merges.Add(Show());
        merges.Add(Stop("stop", "Merge nothing by itself in a repository.", true));
        merges.Add(Stop("resume", "Let merging go on.", false));
        root.Add(merges);
    }

    private static Argument<string> Repository() =>
        new("repository") { Description = "github:owner/name" };

    private static Command Show()
    {
        var repository = Repository();
        var command = new Command("show", "The queue as it stands.") { repository };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                var queue = await client.GetMergeQueueAsync(p.GetValue(repository)!, token);
                Say(p, queue);
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static Command Stop(string verb, string words, bool stopped)
    {
        var repository = Repository();
        var command = new Command(verb, words) { repository };
        command.SetAction(
            async (p, token) =>
            {
                using var client = CommandLine.Finder(p).Connect();
                Say(p, await client.StopMergesAsync(p.GetValue(repository)!, stopped, token));
                return ExitCodes.Done;
            }
        );
        return command;
    }

    private static void Say(ParseResult p, MergeQueueState queue) =>
        CommandLine
            .Out(p)
            .Answer(
                queue,
                OrchestratorJson.Default.MergeQueueState,
                q =>
                {
                    Output.Line(
                        q.StoppedBy.Length > 0
                            ? $"stopped by {q.StoppedBy} at {q.StoppedAt?.ToLocalTime():yyyy-MM-dd HH:mm}"
                            : "merging goes on"
                    );
                    Output.Line($"{q.Open.Count} pull requests are open");
                    foreach (var place in q.Line)
                    {
                        Output.Line(
                            $"  {place.BaseBranch}: {place.TaskId}, heard {place.HeardAt.ToLocalTime():HH:mm:ss}"
                        );
                    }
                }
            );
}
