using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.SystemTests.Policy;

/// <summary>
/// The corpus through real runs of a silo without a sandbox: what an agent plants is stopped or staged, and its record
/// names rule and line; what is harmless passes. Always two of each kind; all with <c>ORCHESTRATOR_TESTS_LONG=1</c>.
/// </summary>
public sealed class PolicyCorpusTests : IAsyncDisposable
{
    private const int PerKind = 2;
    private const int AtOnce = 8;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);
    private readonly string outside = SiloProcess.NewFolder();
    private SiloProcess? silo;

    public async ValueTask DisposeAsync()
    {
        if (silo is not null)
        {
            await silo.DisposeAsync();
        }
    }

    [Fact]
    public void The_corpus_has_at_least_8_of_each_of_15_kinds_150_in_all_and_100_harmless_ones()
    {
        var kinds = ViolationCorpus.Violations.GroupBy(v => v.Kind).ToList();

        Assert.True(kinds.Count >= 15, $"{kinds.Count} kinds");
        Assert.All(kinds, k => Assert.True(k.Count() >= 8, $"{k.Key}: {k.Count()}"));
        Assert.True(ViolationCorpus.Violations.Count >= 150);
        Assert.True(ViolationCorpus.Harmless.Count >= 100);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("bubblewrap")]
    public async Task What_is_planted_is_stopped_or_staged_and_the_record_names_rule_and_line(
        string sandbox
    )
    {
        await StartAsync(sandbox);
        var chosen = ViolationCorpus
            .Violations.GroupBy(v => v.Kind)
            .SelectMany(k => LongForm.Enabled ? k : k.Take(PerKind))
            .ToList();

        var ends = await RunAsync(chosen);

        var table = ends.GroupBy(e => e.Planted.Kind)
            .Select(k =>
                $"{k.Key, -36} planted {k.Count(), 3}  stopped {k.Count(e => e.Task.Phase == TaskPhase.Failed), 3}  staged {k.Count(e => e.Task.Phase == TaskPhase.AwaitingApproval), 3}  changed outside {k.Count(e => e.Strayed), 3}"
            )
            .ToList();
        TestContext.Current.SendDiagnosticMessage(
            $"sandbox: {sandbox}\n" + string.Join('\n', table)
        );
        Assert.All(
            ends,
            e =>
                Assert.True(
                    e.Task.Phase is TaskPhase.Failed or TaskPhase.AwaitingApproval,
                    $"{e.Planted.Kind}: {e.Planted.Name} ended as {e.Task.Phase}"
                )
        );
        // Each run also wrote outside of its worktree, into its own repository's git folder among others: in the sandbox
        // no byte there is another; without one nothing holds a program's writes.
        Assert.All(ends, e => Assert.Equal(sandbox == "none", e.Strayed));
        foreach (var (planted, task, _) in ends)
        {
            AssertTold(planted, task, await RecordAsync(task));
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("bubblewrap")]
    public async Task What_is_harmless_passes(string sandbox)
    {
        await StartAsync(sandbox);
        var chosen = LongForm.Enabled
            ? ViolationCorpus.Harmless
            : [.. ViolationCorpus.Harmless.Where((_, i) => i % 5 == 0)];

        var ends = await RunAsync(chosen, strayed: false);

        Assert.All(ends, e => Assert.False(e.Strayed));
        Assert.All(
            ends,
            e =>
                Assert.True(
                    e.Task.Phase == TaskPhase.Done,
                    $"{e.Planted.Name} ended as {e.Task.Phase}: {e.Task.Failure?.Message} {e.Task.WaitingFor}"
                )
        );
    }

    private async Task StartAsync(string sandbox)
    {
        silo = await SiloProcess.StartAsync("--Runner:Slots=4", "--Runner:Sandbox=" + sandbox);
        await silo.Client.SetPolicyAsync(new SetPolicyRequest { Text = ViolationCorpus.Policy });
    }

    private static void AssertTold(Planted planted, TaskSnapshot task, JsonElement record)
    {
        if (planted.Kind == "secret")
        {
            Assert.Contains(
                record.GetProperty("security").GetProperty("violations").EnumerateArray(),
                v =>
                    v.GetProperty("type").GetString() == "secret"
                    && v.GetProperty("path").GetString() == "src/config.cs"
                    && v.GetProperty("line").GetInt32() > 0
            );
            return;
        }
        var rulings = record
            .GetProperty("policy")
            .GetProperty("rulings")
            .EnumerateArray()
            .Where(r => r.GetProperty("verdict").GetString() != "allow")
            .ToList();
        Assert.True(rulings.Count > 0, $"{planted.Kind}: {planted.Name} names no rule");
        Assert.All(
            rulings,
            r =>
            {
                Assert.NotEmpty(r.GetProperty("rule").GetString()!);
                Assert.Matches("^policy.yaml:[0-9]+$", r.GetProperty("source").GetString()!);
            }
        );
        Assert.StartsWith(
            "corpus@",
            record.GetProperty("policy").GetProperty("version").GetString(),
            StringComparison.Ordinal
        );
        // Nothing of it is lost.
        Assert.NotEmpty(task.Result!.Diff.PatchBlob);
    }

    private async Task<JsonElement> RecordAsync(TaskSnapshot task)
    {
        var folder = Path.Combine(
            silo!.Data,
            "results",
            task.Phase == TaskPhase.AwaitingApproval ? "guarded" : ""
        );
        var path = Path.Combine(folder, task.TaskId + ".json");
        await FolderWait.UntilAsync(folder, () => File.Exists(path), $"the record {path}");
        return JsonDocument.Parse(await File.ReadAllTextAsync(path)).RootElement;
    }

    private async Task<List<(Planted Planted, TaskSnapshot Task, bool Strayed)>> RunAsync(
        IReadOnlyList<Planted> chosen,
        bool strayed = true
    )
    {
        var ends = new (Planted, TaskSnapshot, bool)[chosen.Count];
        using var limit = new CancellationTokenSource(Deadline);
        await Parallel.ForAsync(
            0,
            chosen.Count,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AtOnce,
                CancellationToken = limit.Token,
            },
            async (i, token) =>
            {
                var repository = await RepositoryAsync();
                var home = Directory.CreateDirectory(Path.Combine(outside, $"home-{i}")).FullName;
                await File.WriteAllTextAsync(Path.Combine(home, ".bashrc"), "mine\n", token);
                string[] strays =
                [
                    Path.Combine(home, ".bashrc"),
                    Path.Combine(home, "new"),
                    Path.Combine(repository, "README.md"),
                    Path.Combine(repository, ".git", "hooks", "post-checkout"),
                ];
                // First, for a run may be ended at its first forbidden change.
                var stray = string.Concat(
                    strays.Select(p => $$"""{"do":"trespass","path":"{{p}}","text":"x\n"},""")
                );
                var before = Snapshot(home, repository);
                var task = await silo!.Client.SubmitAsync(
                    SiloProcess.Scripted(
                        strayed ? stray + chosen[i].Script : chosen[i].Script,
                        repository,
                        chosen[i].Type
                    ),
                    cancellationToken: token
                );
                await FactWait.SeenAsync(
                    silo,
                    task.TaskId,
                    f => f is TaskFact.ApprovalAsked or TaskFact.Failed or TaskFact.Delivered
                );
                ends[i] = (
                    chosen[i],
                    await silo.Client.GetAsync(task.TaskId, token),
                    !before.SequenceEqual(Snapshot(home, repository))
                );
            }
        );
        return [.. ends];
    }

    // Path, length, time of change, mode and content of every file.
    private static List<string> Snapshot(params string[] folders) =>
        [
            .. folders
                .SelectMany(f => Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories))
                .Order(StringComparer.Ordinal)
                .Select(f => new FileInfo(f))
                .Select(f =>
                    $"{f.FullName} {f.Length} {f.LastWriteTimeUtc.Ticks} {(OperatingSystem.IsWindows() ? 0 : (int)f.UnixFileMode)} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f.FullName)))}"
                ),
        ];

    private static async Task<string> RepositoryAsync()
    {
        var folder = SiloProcess.NewFolder();
        foreach (var (path, text) in ViolationCorpus.Base)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, text);
        }
        await Git.RunAsync(folder, "init", "-q");
        await Git.RunAsync(folder, "add", "-A", "-f");
        await Git.RunAsync(folder, "commit", "-q", "-m", "one");
        return folder;
    }
}
