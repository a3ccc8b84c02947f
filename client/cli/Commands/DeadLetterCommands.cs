using System.CommandLine;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Cli;

/// <summary><c>dead-letters list|replay</c>: deliveries that a subscriber gave up.</summary>
internal static class DeadLetterCommands
{
    /// <summary>The verb with its two.</summary>
    public static Command Build(
        Func<ParseResult, SiloFinder> finder,
        Func<ParseResult, Output> output
    )
    {
        var subscriber = new Option<string?>("--subscriber")
        {
            Description = "Only this kind: files, metrics.",
        };
        var replayed = new Option<bool>("--replayed")
        {
            Description = "Those that were replayed, too.",
        };
        var list = new Command("list", "List what was given up, oldest first.")
        {
            subscriber,
            replayed,
        };
        list.SetAction(
            (p, token) =>
                ListAsync(finder(p), output(p), p.GetValue(subscriber), p.GetValue(replayed), token)
        );
        var ids = new Argument<long[]>("ids")
        {
            Description = "Numbers of letters.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var all = new Option<bool>("--all") { Description = "Everything that waits." };
        var replay = new Command("replay", "Deliver letters again; twice does it once.")
        {
            ids,
            all,
            subscriber,
        };
        replay.SetAction(
            (p, token) =>
                ReplayAsync(
                    finder(p),
                    output(p),
                    new ReplayRequest
                    {
                        Ids = p.GetValue(ids) is { Length: > 0 } some ? some : null,
                        All = p.GetValue(all),
                        Subscriber = p.GetValue(subscriber),
                    },
                    token
                )
        );
        return new Command("dead-letters", "Deliveries that a subscriber gave up.")
        {
            list,
            replay,
        };
    }

    private static async Task<int> ListAsync(
        SiloFinder finder,
        Output output,
        string? subscriber,
        bool replayed,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        output.Answer(
            await client.ListDeadLettersAsync(subscriber, replayed, 0, 1_000, token),
            OrchestratorJson.Default.DeadLetterPage,
            page =>
            {
                foreach (var l in page.Letters)
                {
                    Output.Line(
                        $"{l.Id, 6}  {l.At:u}  {l.Subscriber}/{l.Partition}  task={l.TaskId}  position={l.Position}  tries={l.Attempts}  {(l.ReplayedAt is null ? "waits" : "replayed")}  {l.Error}"
                    );
                }
                Output.Line(
                    page.Open == 0
                        ? "No dead letters wait."
                        : $"{page.Open} dead letters wait. 'orchestrator dead-letters replay --all' delivers them again."
                );
            }
        );
        return ExitCodes.Done;
    }

    private static async Task<int> ReplayAsync(
        SiloFinder finder,
        Output output,
        ReplayRequest request,
        CancellationToken token
    )
    {
        using var client = finder.Connect();
        var report = await client.ReplayDeadLettersAsync(request, token);
        output.Answer(
            report,
            OrchestratorJson.Default.ReplayReport,
            r =>
            {
                Output.Line($"{r.Replayed.Count} replayed, {r.Failed.Count} failed");
                foreach (var failure in r.Failed)
                {
                    Output.Line($"{failure.Id, 6}  {failure.Error}");
                }
            }
        );
        return report.Failed.Count > 0 ? ExitCodes.Failed : ExitCodes.Done;
    }
}
