using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>What a room's silo knows besides GitHub.</summary>
internal sealed record DeliveryRoomPlan
{
    /// <summary>How often it looks by itself, seconds; 3,600 = it goes on by what it is told.</summary>
    public int PollSeconds { get; init; } = 1;

    /// <summary>Further arguments by the repository's name and the clone's folder.</summary>
    public Func<string, string, IEnumerable<string>> Settings { get; init; } = (_, _) => [];

    /// <summary>Further variables.</summary>
    public Dictionary<string, string> Environment { get; init; } = [];
}

/// <summary>The built silo with a GitHub behind it, a repository there and a clone of it on the silo's host.</summary>
internal sealed class DeliveryRoom : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private const string Policy = """
        version: 1
        name: merges
        self_approval: true
        lanes:
          code:
            types: [fix]
            write: direct
            merge: { auto: true, checks: [ci] }
        """;

    private DeliveryRoom(GitHubStandIn gitHub, string repository, string clone, SiloProcess silo)
    {
        (GitHub, Repository, Clone, Silo) = (gitHub, repository, clone, silo);
    }

    public GitHubStandIn GitHub { get; }

    /// <summary><c>owner/name</c>.</summary>
    public string Repository { get; }

    /// <summary>The clone that agents work on.</summary>
    public string Clone { get; }

    public SiloProcess Silo { get; }

    /// <summary>A room in which one verify command is run on each turn's work, and code merges by itself when the check <c>ci</c> is green.</summary>
    public static Task<DeliveryRoom> CreateAsync(
        string verify,
        params (string Path, string Text)[] files
    ) => CreateAsync(verify, new DeliveryRoomPlan(), files);

    /// <summary>The same with a plan of what else its silo knows.</summary>
    public static async Task<DeliveryRoom> CreateAsync(
        string verify,
        DeliveryRoomPlan plan,
        params (string Path, string Text)[] files
    )
    {
        var gitHub = await GitHubStandIn.StartAsync();
        var repository = await gitHub.RepositoryAsync([
            .. files,
            (".orchestrator.yaml", $"verify:\n  - {verify}\n"),
        ]);
        var clone = SiloProcess.NewFolder();
        await Git.RunAsync(
            clone,
            "clone",
            "-q",
            $"http://x:{GitHubStandIn.TokenOf(GitHubStandIn.Reviewer)}@{gitHub.Address.Authority}/{repository}.git",
            "."
        );
        var silo = SiloProcess.At(
            Path.Combine(SiloProcess.NewFolder(), "data"),
            [
                $"--GitHub:Address={gitHub.Address}",
                $"--GitHub:Token={GitHubStandIn.TokenOf(GitHubStandIn.Bot)}",
                $"--Delivery:PollSeconds={plan.PollSeconds}",
                .. plan.Settings(repository, clone),
            ]
        );
        silo.Environment = plan.Environment;
        await silo.StartAsync();
        await silo.Client.SetPolicyAsync(new SetPolicyRequest { Text = Policy });
        return new DeliveryRoom(gitHub, repository, clone, silo);
    }

    /// <summary>Gives the server a policy whose lane for code has these keys too.</summary>
    public Task AllowAsync(string keys) =>
        Silo.Client.SetPolicyAsync(
            new SetPolicyRequest
            {
                Text =
                    "version: 1\nname: other\nself_approval: true\nlanes:\n"
                    + $"  code: {{ types: [fix], write: direct, {keys} }}\n",
            }
        );

    /// <summary>Submits scripted work whose pull request goes to the room's repository.</summary>
    public async Task<string> SubmitAsync(
        string steps,
        string title = "Fix it",
        params string[] tickets
    )
    {
        var task = await Silo.Client.SubmitAsync(
            SiloProcess.Scripted(steps, Clone) with
            {
                Title = title,
                Remote = "github:" + Repository,
                Tickets = tickets,
            }
        );
        return task.TaskId;
    }

    /// <summary>Waits until a turn's work is pushed and in review; the head.</summary>
    public async Task<string> PushedAsync(string task, int turn)
    {
        await SeenAsync(
            task,
            f => f is TaskFact.BranchPushed p && p.Turn == turn,
            $"turn {turn} pushed"
        );
        await SeenAsync(task, f => f is TaskFact.PullRequestOpened, "the pull request");
        return (await Silo.Client.GetAsync(task)).Delivery!.Head;
    }

    /// <summary>Waits for a fact; says where the task is when it does not come.</summary>
    public async Task<TaskFact> SeenAsync(string task, Func<TaskFact, bool> wanted, string what)
    {
        using var limit = new CancellationTokenSource(Deadline);
        try
        {
            await foreach (var entry in Silo.Client.WatchAsync(task, 0, limit.Token))
            {
                if (wanted(entry.Fact))
                {
                    return entry.Fact;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told below.
        }
        var facts = (await Silo.Client.GetFactsAsync(task)).Facts;
        Assert.Fail(
            $"{what}: did not come. {await Silo.Client.ExplainAsync(task)} Facts: {string.Join(" ", facts.Select(f => f.Fact is TaskFact.Failed or TaskFact.MergeHeld ? f.Fact.ToString() : f.Fact.GetType().Name))}\n{Silo.LastWords}"
        );
        throw new InvalidOperationException("never");
    }

    /// <summary>The numbers of the pull requests of this repository.</summary>
    public async Task<IReadOnlyList<int>> NumbersAsync() =>
        [.. (await GitHub.PullRequestsAsync(Repository)).Select(p => p["number"]!.GetValue<int>())];

    /// <summary>Comments on a pull request that hold a text.</summary>
    public async Task<IReadOnlyList<string>> CommentsAsync(int number, string text) =>
        [
            .. (await GitHub.CommentsAsync(Repository, number))
                .Select(c => c["body"]!.GetValue<string>())
                .Where(b => b.Contains(text, StringComparison.Ordinal)),
        ];

    /// <summary>A file on the base branch.</summary>
    public async Task<string> BaseFileAsync(string path)
    {
        await Git.RunAsync(Clone, "fetch", "-q", "origin", "main");
        return await Git.RunAsync(Clone, "show", "origin/main:" + path);
    }

    /// <summary>The pull request as the host shows it.</summary>
    public Task<JsonNode> ShownAsync(int number) => GitHub.PullRequestAsync(Repository, number);

    /// <summary>How many commits the branch has beyond its base.</summary>
    public async Task<int> CommitsAsync(string head)
    {
        await Git.RunAsync(Clone, "fetch", "-q", "origin");
        return int.Parse(
            await Git.RunAsync(Clone, "rev-list", "--count", "origin/main.." + head),
            CultureInfo.InvariantCulture
        );
    }

    public async ValueTask DisposeAsync()
    {
        await Silo.DisposeAsync();
        await GitHub.DisposeAsync();
    }
}
