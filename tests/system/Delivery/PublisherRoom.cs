using System.Text;
using Microsoft.Extensions.Options;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Delivery;
using Orchestrator.Silo.Delivery;
using Orchestrator.Silo.Delivery.GitHub;
using Orchestrator.Silo.Delivery.RemoteClones;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.SystemTests.Runners;
using Orchestrator.SystemTests.StandIns;
using Xunit;

namespace Orchestrator.SystemTests.Delivery;

/// <summary>A publisher with a data directory of its own, a remote repository, and a person's clone of it.</summary>
internal sealed class PublisherRoom : IDisposable
{
    private readonly ProcessGroupStarter starter;
    private readonly MemoryBlobs blobs = new();

    private PublisherRoom(
        GitHubStandIn gitHub,
        string repository,
        Action<GitHubOptions>? host,
        Action<DeliveryOptions>? delivery
    )
    {
        GitHub = gitHub;
        Repository = repository;
        Data = SiloProcess.NewFolder();
        starter = new ProcessGroupStarter(Path.GetFileName(Data), TimeProvider.System);
        var options = new DeliveryOptions();
        delivery?.Invoke(options);
        var git = new GitCli(starter, TimeProvider.System, Data, options.RemoteTimeMax);
        var redactor = new Redactor([]);
        Store = new RemoteCloneStore(
            git,
            new RepositoryGates(),
            redactor,
            Data,
            options.RemoteTimeMax
        );
        Publisher = new BranchPublisher(
            new PullRequestHosts([GitHubWorld.HostOf(gitHub, host)]),
            Store,
            new GitCli(starter, TimeProvider.System, Data, TimeSpan.FromMinutes(1)),
            new CommitTrees(
                new GitCli(starter, TimeProvider.System, Data, TimeSpan.FromMinutes(1))
            ),
            new CommitSigning(Options.Create(options)),
            blobs,
            redactor,
            Options.Create(options)
        );
    }

    public GitHubStandIn GitHub { get; }

    /// <summary>Full name.</summary>
    public string Repository { get; }

    public string Data { get; }

    public RemoteCloneStore Store { get; }

    public IBranchPublisher Publisher { get; }

    /// <summary>Folder of the person's clone.</summary>
    public string Clone { get; private set; } = "";

    public RemoteRepository Remote => new(GitHubHost.Name, Repository);

    /// <summary>Folder of the product's clone.</summary>
    public string Cache => Store.FolderOf(Remote, new Uri(GitHub.Address, Repository + ".git"));

    public static async Task<PublisherRoom> CreateAsync(
        GitHubStandIn gitHub,
        Action<GitHubOptions>? host = null,
        Action<DeliveryOptions>? delivery = null,
        string? repository = null
    )
    {
        repository ??= await gitHub.RepositoryAsync(("a.txt", "one\n"), ("b.txt", "b\n"));
        var room = new PublisherRoom(gitHub, repository, host, delivery)
        {
            Clone = SiloProcess.NewFolder(),
        };
        await Git.RunAsync(room.Clone, "clone", "-q", room.AddressOfPerson, ".");
        return room;
    }

    /// <summary>Where the person's git pushes.</summary>
    public string AddressOfPerson =>
        $"http://x:{GitHubStandIn.TokenOf(GitHubStandIn.Reviewer)}@{GitHub.Address.Authority}/{Repository}.git";

    /// <summary>An order whose work writes files (null = deletes) on a base commit; empty = the newest of <c>main</c>.</summary>
    public async Task<PublishOrder> OrderAsync(
        string lastHead = "",
        string baseCommit = "",
        int turn = 1,
        params (string Path, string? Text)[] files
    )
    {
        if (baseCommit.Length == 0)
        {
            await Git.RunAsync(Clone, "fetch", "-q", "origin");
            baseCommit = await Git.RunAsync(Clone, "rev-parse", "origin/main");
        }
        await Git.RunAsync(Clone, "checkout", "-q", "--detach", baseCommit);
        foreach (var (path, text) in files)
        {
            var full = Path.Combine(Clone, path);
            if (text is null)
            {
                File.Delete(full);
                continue;
            }
            await File.WriteAllTextAsync(full, text);
        }
        await Git.RunAsync(Clone, "add", "-A", "-f");
        var patch = await Git.RunAsync(Clone, "diff", "--cached", "--binary", baseCommit);
        await Git.RunAsync(Clone, "reset", "-q", "--hard", baseCommit);
        return new PublishOrder
        {
            TaskId = "01TASK",
            Turn = turn,
            Repository = Remote,
            Branch = "t/1",
            BaseCommit = baseCommit,
            PatchBlob =
                patch.Length == 0
                    ? ""
                    : await blobs.PutAsync(
                        Encoding.UTF8.GetBytes(patch + "\n"),
                        CancellationToken.None
                    ),
            LastHead = lastHead,
            Title = "Count to two",
            Kind = TaskKind.Fix,
            At = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero),
        };
    }

    /// <summary>A person commits onto a branch of the remote, made from <c>main</c> when missing.</summary>
    public async Task<string> PersonPushesAsync(string branch, string path, string text)
    {
        await Git.RunAsync(Clone, "fetch", "-q", "origin");
        var from = await GitHub.BranchAsync(Repository, branch) is { } tip ? tip : "origin/main";
        await Git.RunAsync(Clone, "checkout", "-q", "--detach", from);
        await File.WriteAllTextAsync(Path.Combine(Clone, path), text);
        await Git.RunAsync(Clone, "add", "-A");
        await Git.RunAsync(Clone, "commit", "-q", "-m", "by a person");
        await Git.RunAsync(Clone, "push", "-q", "origin", "HEAD:refs/heads/" + branch);
        return await Git.RunAsync(Clone, "rev-parse", "HEAD");
    }

    /// <summary>What a branch holds, fetched by the person: git's words.</summary>
    public async Task<string> AskAsync(params string[] arguments)
    {
        await Git.RunAsync(Clone, "fetch", "-q", "--prune", "origin");
        return await Git.RunAsync(Clone, arguments);
    }

    /// <summary>Pushes that reached the host.</summary>
    public async Task<int> PushesAsync() =>
        (await GitHub.RequestsAsync()).Count(r =>
            r["method"]!.ToString() == "POST"
            && r["path"]!.ToString() == $"/{Repository}.git/git-receive-pack"
        );

    /// <summary>Fails in the way that is expected, with words and without a token.</summary>
    public static async Task<BranchPublishException> FailsAsync(
        PublishError error,
        PublisherRoom room,
        PublishOrder order
    )
    {
        var thrown = await Assert.ThrowsAsync<BranchPublishException>(() =>
            room.Publisher.PublishAsync(order, TestContext.Current.CancellationToken)
        );
        Assert.Equal(error, thrown.Error);
        Assert.DoesNotContain("tok_", thrown.Message, StringComparison.Ordinal);
        return thrown;
    }

    public void Dispose() => starter.Dispose();
}
