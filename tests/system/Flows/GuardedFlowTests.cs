using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Policy;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>Work that is staged, approved by people and applied, through the built silo.</summary>
public sealed class GuardedFlowTests : IAsyncLifetime
{
    private const string Append = """{"do":"append","path":"a.txt","text":"two\n"}""";

    private const string Guarded = """
        version: 1
        name: guarded
        self_approval: false
        roles:
          keeper: [keeper, second]
        lanes:
          code:
            types: [fix]
            write: guarded
            approvals:
              - name: a keeper looks
                by: [keeper]
        """;

    private SiloProcess silo = null!;
    private OrchestratorClient keeper = null!;
    private string keeperSecret = "";

    public async ValueTask InitializeAsync()
    {
        silo = await SiloProcess.StartAsync();
        var token = await silo.Client.CreateTokenAsync(
            new TokenRequest { Name = "keeper", Scopes = ["read", "operate"] }
        );
        keeperSecret = token.Secret!;
        keeper = new OrchestratorClient(silo.Address, keeperSecret);
    }

    public async ValueTask DisposeAsync()
    {
        keeper.Dispose();
        await silo.DisposeAsync();
    }

    [Fact]
    public async Task Work_of_a_guarded_lane_is_staged_approved_by_somebody_else_and_applied_whole()
    {
        await SetAsync(Guarded);
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"), ("b.txt", "b\n"));
        var before = await Git.RunAsync(repository, "rev-parse", "HEAD");
        var task = await StagedAsync(repository);

        Assert.Equal(1, task.ApprovalsNeeded);
        Assert.Contains("guarded lane code", Words(task.Policy!), StringComparison.Ordinal);
        Assert.Contains("policy.yaml:", Words(task.Policy!), StringComparison.Ordinal);
        var early = await Refused(() => silo.Client.ApplyGuardedAsync(task.TaskId));
        Assert.Equal(FailureCodes.NeedsApproval, early.Code);
        var own = await Refused(() => silo.Client.AnswerAsync(task.TaskId, true));
        Assert.Equal(FailureCodes.PolicyDenied, own.Code);
        // Who tried what was not theirs stands in the system log.
        Assert.Single(
            (await silo.Client.GetFactsAsync(TaskIds.System, 0)).Facts,
            f =>
                f.Fact is TaskFact.IntakeRefused { Source: "http" } r
                && r.Name.EndsWith(": approve " + task.TaskId, StringComparison.Ordinal)
        );
        var other = await Refused(() =>
            keeper.AnswerAsync(task.TaskId, true, null, new string('0', 64))
        );
        Assert.Equal(FailureCodes.Conflict, other.Code);
        Assert.Equal(before, await Git.RunAsync(repository, "rev-parse", "HEAD"));

        var approved = await keeper.AnswerAsync(
            task.TaskId,
            true,
            "looks right",
            task.Guarded!.Diff.Hash
        );
        var applied = await AppliedAsync(approved.TaskId);

        Assert.Equal(TaskPhase.Done, approved.Phase);
        Assert.Equal(GuardedStep.Applied, applied.Guarded!.Step);
        Assert.Equal(applied.Guarded.Commit, await Git.RunAsync(repository, "rev-parse", "HEAD"));
        Assert.Equal(before, await Git.RunAsync(repository, "rev-parse", "HEAD^"));
        Assert.Equal("one\ntwo\n", await File.ReadAllTextAsync(Path.Combine(repository, "a.txt")));
        Assert.Empty(await Git.LinesAsync(repository, "status", "--porcelain"));
        var facts = (await silo.Client.GetFactsAsync(task.TaskId))
            .Facts.Select(f => f.Fact)
            .ToList();
        var yes = Assert.Single(facts.OfType<TaskFact.Approved>());
        Assert.Equal(
            ("keeper", "looks right", task.Guarded.Diff.Hash),
            (yes.By, yes.Note, yes.Hash)
        );
        Assert.StartsWith("http ", yes.From, StringComparison.Ordinal);
        // Asked again, it is done already.
        Assert.Equal(
            applied.Guarded.Commit,
            (await silo.Client.ApplyGuardedAsync(task.TaskId)).Guarded!.Commit
        );
        var folder = Path.Combine(silo.Data, "results", "guarded");
        var note = Path.Combine(folder, task.TaskId + ".json");
        await FolderWait.UntilAsync(
            folder,
            () =>
                File.Exists(note)
                && File.ReadAllText(note)
                    .Contains("\"step\": \"applied\"", StringComparison.Ordinal),
            "the note that the diff was applied"
        );
        Assert.Contains(
            "+two",
            await File.ReadAllTextAsync(Path.Combine(folder, task.TaskId + ".diff")),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_branch_that_moved_refuses_the_diff_and_a_restaged_one_must_be_approved_again()
    {
        await SetAsync(Guarded);
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"), ("b.txt", "b\n"));
        var task = await StagedAsync(repository);
        await keeper.AnswerAsync(task.TaskId, true);
        await File.WriteAllTextAsync(Path.Combine(repository, "b.txt"), "moved\n");
        await Git.RunAsync(repository, "commit", "-q", "-a", "-m", "moved");
        var moved = await Git.RunAsync(repository, "rev-parse", "HEAD");

        var refused = await EndOfApplyAsync(await silo.Client.ApplyGuardedAsync(task.TaskId));
        Assert.Equal(GuardedStep.Approved, refused.Guarded!.Step);
        Assert.Equal(FailureCodes.Conflict, refused.Guarded.Refusal!.Code);
        Assert.Contains(
            "orchestrator restage",
            refused.Guarded.Refusal.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(moved, await Git.RunAsync(repository, "rev-parse", "HEAD"));

        await silo.Client.RestageAsync(task.TaskId);
        var again = await AskedAsync(task.TaskId, turn: 2);
        Assert.Empty(again.ApprovedBy);
        Assert.Equal(moved, again.Guarded!.Diff.BaseCommit);
        var early = await Refused(() => silo.Client.ApplyGuardedAsync(task.TaskId));
        Assert.Equal(FailureCodes.NeedsApproval, early.Code);
        await keeper.AnswerAsync(task.TaskId, true);
        await AppliedAsync(task.TaskId);

        Assert.Equal(moved, await Git.RunAsync(repository, "rev-parse", "HEAD^"));
        Assert.Equal("one\ntwo\n", await File.ReadAllTextAsync(Path.Combine(repository, "a.txt")));
        Assert.Equal("moved\n", await File.ReadAllTextAsync(Path.Combine(repository, "b.txt")));
    }

    [Fact]
    public async Task A_checkout_with_changes_of_somebody_is_not_disturbed()
    {
        await SetAsync(Guarded);
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var before = await Git.RunAsync(repository, "rev-parse", "HEAD");
        var task = await StagedAsync(repository);
        await keeper.AnswerAsync(task.TaskId, true);
        await File.WriteAllTextAsync(Path.Combine(repository, "a.txt"), "mine\n");

        var refused = await EndOfApplyAsync(await silo.Client.ApplyGuardedAsync(task.TaskId));

        Assert.Equal(FailureCodes.NotPossibleNow, refused.Guarded!.Refusal!.Code);
        Assert.Contains("a.txt", refused.Guarded.Refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, await Git.RunAsync(repository, "rev-parse", "HEAD"));
        Assert.Equal("mine\n", await File.ReadAllTextAsync(Path.Combine(repository, "a.txt")));
    }

    [Fact]
    public async Task A_no_ends_the_turn_and_keeps_the_diff()
    {
        await SetAsync(Guarded);
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var task = await StagedAsync(repository);

        var no = await keeper.AnswerAsync(task.TaskId, false, "not like this");

        Assert.Equal(TaskPhase.Failed, no.Phase);
        Assert.Contains("not like this", no.Failure!.Message, StringComparison.Ordinal);
        Assert.Contains(
            "+two",
            await silo.Client.GetDiffAsync(task.TaskId),
            StringComparison.Ordinal
        );
        var refused = await Refused(() => silo.Client.ApplyGuardedAsync(task.TaskId));
        Assert.Equal(FailureCodes.PolicyDenied, refused.Code);
    }

    [Fact]
    public async Task A_silo_that_is_killed_while_it_applies_leaves_the_repository_untouched_or_whole()
    {
        await SetAsync(Guarded);
        var rounds = LongForm.Enabled ? 20 : 4;
        var untouched = 0;
        for (var round = 0; round < rounds; round++)
        {
            var files = Enumerable.Range(0, 200).Select(i => ($"f{i}.txt", $"old {i}\n")).ToArray();
            var repository = await SiloProcess.RepositoryAsync(files);
            var before = await Git.RunAsync(repository, "rev-parse", "HEAD");
            var steps = string.Join(
                ',',
                Enumerable
                    .Range(0, 200)
                    .Select(i => $$"""{"do":"write","path":"f{{i}}.txt","text":"new {{i}}\n"}""")
            );
            var task = await StagedAsync(repository, steps);
            await keeper.AnswerAsync(task.TaskId, true);
            // Before, while and after the files move.
            silo.KillIn(TimeSpan.FromMilliseconds(20 + (round * 400 / rounds)));
            await Record.ExceptionAsync(() => silo.Client.ApplyGuardedAsync(task.TaskId));
            await silo.Ended;

            await silo.StartAsync();
            keeper.Dispose();
            keeper = new OrchestratorClient(silo.Address, keeperSecret);
            var end = await EndOfApplyAsync(await silo.Client.GetAsync(task.TaskId));

            var head = await Git.RunAsync(repository, "rev-parse", "HEAD");
            Assert.Empty(await Git.LinesAsync(repository, "status", "--porcelain"));
            var texts = files.Select(f => File.ReadAllText(Path.Combine(repository, f.Item1)));
            if (head == before)
            {
                untouched++;
                Assert.All(texts, t => Assert.StartsWith("old", t, StringComparison.Ordinal));
            }
            else
            {
                Assert.Equal(GuardedStep.Applied, end.Guarded!.Step);
                Assert.Equal(end.Guarded.Commit, head);
                Assert.All(texts, t => Assert.StartsWith("new", t, StringComparison.Ordinal));
            }
        }
        TestContext.Current.SendDiagnosticMessage(
            $"{rounds} kills: {untouched} repositories untouched, {rounds - untouched} whole"
        );
    }

    private Task SetAsync(string policy) =>
        silo.Client.SetPolicyAsync(new SetPolicyRequest { Text = policy });

    private async Task<TaskSnapshot> StagedAsync(string repository, string steps = Append)
    {
        var task = await silo.Client.SubmitAsync(SiloProcess.Scripted(steps, repository));
        return await AskedAsync(task.TaskId, turn: 1);
    }

    private async Task<TaskSnapshot> AskedAsync(string taskId, int turn)
    {
        await FactWait.SeenAsync(
            silo,
            taskId,
            f =>
                f is TaskFact.Staged staged && staged.Turn == turn
                || f is TaskFact.Failed failed && Stop(failed)
        );
        var task = await silo.Client.GetAsync(taskId);
        Assert.Equal((TaskPhase.AwaitingApproval, turn), (task.Phase, task.Turn));
        return task;

        static bool Stop(TaskFact.Failed failed)
        {
            Assert.Fail(failed.Failure.Message);
            return true;
        }
    }

    private async Task<TaskSnapshot> AppliedAsync(string taskId)
    {
        var end = await EndOfApplyAsync(await silo.Client.ApplyGuardedAsync(taskId));
        Assert.True(end.Guarded!.Step == GuardedStep.Applied, end.Guarded.Refusal?.Message);
        return end;
    }

    // An apply that never began has no end to wait for.
    private async Task<TaskSnapshot> EndOfApplyAsync(TaskSnapshot task)
    {
        if (task.Guarded is { Step: GuardedStep.Applying })
        {
            await FactWait.SeenAsync(
                silo,
                task.TaskId,
                f => f is TaskFact.Applied or TaskFact.ApplyRefused,
                task.Version
            );
        }
        return await silo.Client.GetAsync(task.TaskId);
    }

    private static string Words(PolicyRuling ruling) =>
        string.Join('\n', ruling.Rulings.Select(r => $"{r.Rule} {r.Source} {r.Reason}"));

    private static async Task<Failure> Refused(Func<Task> call) =>
        (await Assert.ThrowsAsync<OrchestratorException>(call)).Failure!;
}
