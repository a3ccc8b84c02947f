using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Delivery;

public sealed class GitCommitTests(SharedSilo shared) : IClassFixture<SharedSilo>
{
    private const string Append = """{"do":"append","path":"a.txt","text":"two\n"}""";

    [Fact]
    public async Task D32_A_commit_holds_the_tasks_files_only_on_its_own_branch_and_a_rerun_is_harmless()
    {
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"), ("b.txt", "b\n"));
        // The user is in the middle of something: dirty, staged and untracked files.
        await File.WriteAllTextAsync(Path.Combine(repository, "b.txt"), "mine\n");
        await File.WriteAllTextAsync(Path.Combine(repository, "staged.txt"), "staged\n");
        await File.WriteAllTextAsync(Path.Combine(repository, "loose.txt"), "loose\n");
        await Git.RunAsync(repository, "add", "staged.txt");
        var before = await SeenAsync(repository);

        var task = await shared.EndAsync(Append, repository, title: "Count to two");
        var run = await CliProcess.RunAsync(shared.Silo.Data, "git-commit", task.TaskId, "--json");
        var again = await CliProcess.RunAsync(
            shared.Silo.Data,
            "git-commit",
            task.TaskId,
            "--json"
        );

        Assert.Equal((0, 0), (run.ExitCode, again.ExitCode));
        var branch = $"orchestrator/{task.TaskId}-count-to-two";
        var hash = await Git.RunAsync(repository, "rev-parse", branch);
        using var answer = JsonDocument.Parse(run.Output);
        using var second = JsonDocument.Parse(again.Output);
        Assert.Equal(hash, answer.RootElement.GetProperty("commit").GetString());
        Assert.Equal(hash, second.RootElement.GetProperty("commit").GetString());
        Assert.True(second.RootElement.GetProperty("already_there").GetBoolean());
        Assert.Equal(
            ["a.txt"],
            await Git.LinesAsync(repository, "diff", "--name-only", "HEAD", branch)
        );
        Assert.Equal("one\ntwo", await Git.RunAsync(repository, "show", branch + ":a.txt"));
        Assert.Equal(
            "fix: count to two",
            await Git.RunAsync(repository, "log", "-1", "--format=%s", branch)
        );
        Assert.Equal("1", await Git.RunAsync(repository, "rev-list", "--count", $"HEAD..{branch}"));
        Assert.Equal(before, await SeenAsync(repository));
        var facts = await FactsAsync(task.TaskId);
        var made = Assert.Single(facts.OfType<TaskFact.CommitMade>());
        Assert.Equal((branch, hash, false), (made.Branch, made.Commit, made.Pushed));
    }

    [Fact]
    public async Task D32_A_named_branch_that_exists_keeps_what_it_holds_and_gets_the_work_on_top()
    {
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        await Git.RunAsync(repository, "checkout", "-q", "-b", "topic");
        await File.WriteAllTextAsync(Path.Combine(repository, "c.txt"), "c\n");
        await Git.RunAsync(repository, "add", "c.txt");
        await Git.RunAsync(repository, "commit", "-q", "-m", "c");
        await Git.RunAsync(repository, "checkout", "-q", "-");
        var topic = await Git.RunAsync(repository, "rev-parse", "topic");

        var task = await shared.EndAsync(Append, repository);
        var answer = await shared.Client.CommitAsync(
            task.TaskId,
            new CommitRequest { Branch = "topic", Message = "In my words" }
        );

        Assert.Equal(answer.Commit, await Git.RunAsync(repository, "rev-parse", "topic"));
        Assert.Equal(topic, await Git.RunAsync(repository, "rev-parse", "topic^"));
        Assert.Equal(
            ["a.txt", "c.txt"],
            await Git.LinesAsync(repository, "ls-tree", "-r", "--name-only", "topic")
        );
        Assert.Equal(
            "In my words",
            await Git.RunAsync(repository, "log", "-1", "--format=%s", "topic")
        );
    }

    [Fact]
    public async Task D32_Work_that_does_not_fit_onto_the_branch_is_refused_by_file_and_nothing_moves()
    {
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var task = await shared.EndAsync(Append, repository);
        await Git.RunAsync(repository, "checkout", "-q", "-b", "topic");
        await File.WriteAllTextAsync(Path.Combine(repository, "a.txt"), "one\nother\n");
        await Git.RunAsync(repository, "commit", "-q", "-a", "-m", "other");
        await Git.RunAsync(repository, "checkout", "-q", "-");
        var topic = await Git.RunAsync(repository, "rev-parse", "topic");

        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            shared.Client.CommitAsync(task.TaskId, new CommitRequest { Branch = "topic" })
        );

        Assert.Equal(FailureCodes.Conflict, refused.Failure!.Code);
        Assert.Contains("a.txt", refused.Message, StringComparison.Ordinal);
        Assert.Equal(topic, await Git.RunAsync(repository, "rev-parse", "topic"));
    }

    [Fact]
    public async Task D32_Without_a_branch_the_checked_out_one_moves_and_unrelated_changes_stay()
    {
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"), ("b.txt", "b\n"));
        await File.WriteAllTextAsync(Path.Combine(repository, "b.txt"), "mine\n");
        var task = await shared.EndAsync(Append, repository);

        var answer = await shared.Client.CommitAsync(
            task.TaskId,
            new CommitRequest { NoBranch = true }
        );

        Assert.Equal(answer.Commit, await Git.RunAsync(repository, "rev-parse", "HEAD"));
        Assert.Equal("one\ntwo\n", await File.ReadAllTextAsync(Path.Combine(repository, "a.txt")));
        Assert.Equal([" M b.txt"], await Git.LinesAsync(repository, "status", "--porcelain"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task D32_Without_a_branch_a_checkout_that_would_be_disturbed_is_refused_with_the_way_on(
        bool detached
    )
    {
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var task = await shared.EndAsync(Append, repository);
        if (detached)
        {
            await Git.RunAsync(repository, "checkout", "-q", "--detach");
        }
        else
        {
            await File.WriteAllTextAsync(Path.Combine(repository, "a.txt"), "mine\n");
        }
        var before = await SeenAsync(repository);

        var refused = await Assert.ThrowsAsync<OrchestratorException>(() =>
            shared.Client.CommitAsync(task.TaskId, new CommitRequest { NoBranch = true })
        );

        Assert.Equal(FailureCodes.NotPossibleNow, refused.Failure!.Code);
        Assert.Contains("--no-branch", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await SeenAsync(repository));
    }

    [Fact]
    public async Task D18_A_secret_file_is_never_committed_by_the_task_nor_when_the_user_staged_it()
    {
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        string[] never = [".env", ".npmrc", "home/.aws/credentials", "config/secrets.yaml"];
        string[] harmless = [".env.example", "id_rsa.pub", "my.environment.ts", "api.keys.ts"];
        var steps = string.Join(
            ',',
            never.Concat(harmless).Select(f => $$"""{"do":"write","path":"{{f}}","text":"x=1\n"}""")
        );
        var task = await shared.EndAsync(Append + "," + steps, repository);
        foreach (var file in (string[])["server.pem", "deploy/.env.production", "mine.txt"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(repository, file))!);
            await File.WriteAllTextAsync(Path.Combine(repository, file), "secret\n");
            await Git.RunAsync(repository, "add", "-f", file);
        }
        var before = await SeenAsync(repository);

        var own = await shared.Client.CommitAsync(task.TaskId);
        var all = await shared.Client.CommitAsync(
            task.TaskId,
            new CommitRequest { Branch = "everything" },
            staged: true
        );

        Assert.Equal(
            harmless.Append("a.txt").Order(StringComparer.Ordinal).ToArray(),
            await Git.LinesAsync(repository, "ls-tree", "-r", "--name-only", own.Branch)
        );
        Assert.Equal(
            harmless.Concat(["a.txt", "mine.txt"]).Order(StringComparer.Ordinal).ToArray(),
            await Git.LinesAsync(repository, "ls-tree", "-r", "--name-only", "everything")
        );
        Assert.Equal(
            [
                .. never
                    .Concat(["deploy/.env.production", "server.pem"])
                    .Order(StringComparer.Ordinal),
            ],
            all.LeftOut.Order(StringComparer.Ordinal)
        );
        Assert.Equal(before, await SeenAsync(repository));
    }

    [Fact]
    public async Task A_push_brings_the_branch_to_the_remote_and_a_refused_push_keeps_the_commit()
    {
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var remote = SiloProcess.NewFolder();
        await Git.RunAsync(remote, "init", "-q", "--bare");
        var task = await shared.EndAsync(Append, repository);

        var refused = await CliProcess.RunAsync(
            shared.Silo.Data,
            "git-commit",
            task.TaskId,
            "--branch",
            "work",
            "--push"
        );
        var hash = await Git.RunAsync(repository, "rev-parse", "work");
        await Git.RunAsync(repository, "remote", "add", "origin", remote);
        var pushed = await shared.Client.CommitAsync(
            task.TaskId,
            new CommitRequest { Branch = "work", Push = true }
        );

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains(hash, refused.Error, StringComparison.Ordinal);
        Assert.Equal((hash, true, true), (pushed.Commit, pushed.Pushed, pushed.AlreadyThere));
        Assert.Equal(hash, await Git.RunAsync(remote, "rev-parse", "work"));
    }

    [Fact]
    public async Task Work_that_was_not_accepted_and_a_name_that_is_no_branch_are_refused_in_words()
    {
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var failed = await shared.EndAsync(Append, repository, "code_review");
        var good = await shared.EndAsync(Append, repository);

        var notAccepted = await CliProcess.RunAsync(shared.Silo.Data, "git-commit", failed.TaskId);
        var noBranch = await CliProcess.RunAsync(
            shared.Silo.Data,
            "git-commit",
            good.TaskId,
            "--branch",
            "a..b"
        );
        var nobody = await CliProcess.RunAsync(shared.Silo.Data, "git-commit", "task_nobody");

        Assert.Equal(TaskPhase.Failed, failed.Phase);
        Assert.Equal((1, 2, 1), (notAccepted.ExitCode, noBranch.ExitCode, nobody.ExitCode));
        Assert.Contains("only accepted work", notAccepted.Error, StringComparison.Ordinal);
        Assert.Contains("a..b", noBranch.Error, StringComparison.Ordinal);
        Assert.Single(await Git.LinesAsync(repository, "branch", "--list"));
    }

    [Fact]
    public async Task D14_Git_status_tells_branch_changes_and_sensitive_files_by_their_whole_names()
    {
        var repository = await SiloProcess.RepositoryAsync(("app.py", "x\n"), ("ä b.txt", "x\n"));
        await Git.RunAsync(repository, "checkout", "-q", "-b", "topic");
        await File.WriteAllTextAsync(Path.Combine(repository, "app.py"), "y\n");
        await Git.RunAsync(repository, "mv", "ä b.txt", "ö.txt");
        await File.WriteAllTextAsync(Path.Combine(repository, ".env"), "K=1\n");
        var info = CliProcess.Info(shared.Silo.Data, "git-status", "--json");
        info.WorkingDirectory = repository;

        var run = await CliProcess.RunAsync(info);

        using var json = JsonDocument.Parse(run.Output);
        var root = json.RootElement;
        Assert.Equal("topic", root.GetProperty("branch").GetString());
        Assert.False(root.GetProperty("clean").GetBoolean());
        Assert.Equal(
            [("M", "app.py", ""), ("R", "ö.txt", "ä b.txt"), ("?", ".env", "")],
            root.GetProperty("changes")
                .EnumerateArray()
                .Select(c =>
                    (
                        c.GetProperty("status").GetString()!,
                        c.GetProperty("path").GetString()!,
                        c.GetProperty("old_path").GetString()!
                    )
                )
        );
        Assert.Equal(
            [".env"],
            root.GetProperty("sensitive_files").EnumerateArray().Select(f => f.GetString())
        );
    }

    // HEAD, branches except the product's own, index and files: what a person would notice.
    private static async Task<string> SeenAsync(string repository) =>
        string.Join(
            '\n',
            await Git.RunAsync(repository, "rev-parse", "HEAD"),
            await Git.RunAsync(repository, "rev-parse", "--abbrev-ref", "HEAD"),
            await Git.RunAsync(repository, "status", "--porcelain", "--untracked-files=all"),
            await Git.RunAsync(repository, "diff", "--cached"),
            await Git.RunAsync(repository, "diff"),
            await Git.RunAsync(repository, "ls-files", "--stage")
        );

    private async Task<List<TaskFact>> FactsAsync(string taskId)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        var facts = new List<TaskFact>();
        var last = (await shared.Client.GetAsync(taskId)).Version;
        await foreach (var entry in shared.Client.WatchAsync(taskId, 0, limit.Token))
        {
            facts.Add(entry.Fact);
            if (entry.Sequence >= last)
            {
                break;
            }
        }
        return facts;
    }
}
