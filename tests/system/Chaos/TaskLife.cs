using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.SystemTests.Chaos;

/// <summary>A scripted task whose whole life is known: what is asked, what its caller does meanwhile, how each turn must end.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Request">Safe to repeat: what an attempt does depends on the work so far, never on the attempt's number alone.</param>
/// <param name="Ends">The fact that ends each turn, e.g. <c>delivered</c>.</param>
internal sealed record TaskLife(string Name, SubmitRequest Request, params string[] Ends)
{
    /// <summary>Cancelled by its caller as soon as its agent lives.</summary>
    public bool Cancel { get; init; }

    /// <summary>What its caller says as soon as it is accepted, in this order.</summary>
    public IReadOnlyList<string> Replies { get; init; } = [];

    /// <summary>What the result's text must hold; empty = anything.</summary>
    public string Text { get; init; } = "";

    /// <summary>What the diff must hold; empty = anything.</summary>
    public string Diff { get; init; } = "";

    /// <summary>The shortest life there is: no repository, one run, accepted.</summary>
    public static TaskLife Short { get; } =
        new(
            "short",
            SiloProcess.Scripted("""{"do":"say","text":"short and good"}""", type: "analyze"),
            "delivered"
        )
        {
            Text = "short and good",
        };

    /// <summary>Cancelled while its agent and a grandchild outside its process group live.</summary>
    public static TaskLife Cancelled { get; } =
        new(
            "cancelled",
            SiloProcess.Scripted(
                """{"do":"grandchild","milliseconds":600000},{"do":"hang"}""",
                type: "analyze"
            ),
            "cancelled"
        )
        {
            Cancel = true,
        };

    /// <summary>Over its time in both tries.</summary>
    public static TaskLife TimedOut { get; } =
        new(
            "timed out",
            SiloProcess.Scripted("""{"do":"grandchild","milliseconds":600000},{"do":"hang"}""") with
            {
                TimeoutSec = 1,
            },
            "failed"
        );

    /// <summary>Ends twice: its caller asks for a retry after the first end.</summary>
    public static TaskLife Retried { get; } =
        Short with
        {
            Name = "retried",
            Ends = ["delivered", "delivered"],
        };

    /// <summary>Goes on by two replies, sent while it works, each of which must have its own turn, in order and once.</summary>
    public static TaskLife Talked { get; } =
        Short with
        {
            Name = "talked",
            Ends = ["delivered", "delivered", "delivered"],
            Replies = ["and then", "and last"],
        };

    /// <summary>Paused by a usage limit for an hour; its caller resumes it.</summary>
    public static TaskLife Paused { get; } =
        new(
            "paused",
            SiloProcess.Scripted(
                $$$"""{"do":"say","text":"after the pause"},{"do":"result","attempt":1,"text":"Claude AI usage limit reached|{{{TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds()}}}","fields":{"is_error":true}}""",
                type: "analyze"
            ),
            "delivered"
        )
        {
            Text = "after the pause",
        };

    /// <summary>In a repository whose checks reject the first captured work and accept the second.</summary>
    public static async Task<TaskLife> RejectedOnceAsync() =>
        new(
            "rejected once",
            SiloProcess.Scripted(
                """{"do":"run","command":["sh","-c","if grep -q almost a.txt; then echo right >> a.txt; else echo almost >> a.txt; fi"]},{"do":"say","text":"changed a.txt"}""",
                await SiloProcess.RepositoryAsync(
                    ("a.txt", "one\n"),
                    (".orchestrator.yaml", "verify:\n  - grep -q right a.txt\n")
                )
            ),
            "delivered"
        )
        {
            Text = "changed a.txt",
            Diff = "+right",
        };
}
