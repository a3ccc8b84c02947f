using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.Client;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.Runners;
using Xunit;

namespace Orchestrator.SystemTests.Hostile;

/// <summary>One silo for repositories that mean harm.</summary>
public sealed class HostileRepositoryRoom : IAsyncLifetime
{
    internal SiloProcess Silo { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Silo = await SiloProcess.StartAsync("--Task:TriesMax=1");

    public ValueTask DisposeAsync() => Silo.DisposeAsync();
}

/// <summary>Repositories that are huge, oddly named or full of orders, through whole tasks: worktree, run, diff, policy, record.</summary>
public sealed class HostileRepositoryTests(HostileRepositoryRoom room)
    : IClassFixture<HostileRepositoryRoom>
{
    private const string LinuxOnly = "names that only Linux lets stand side by side";
    private const int Files = 100_000;
    private const long ResidentMaxKib = 900 * 1024;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(6);

    // Whole names and folders of 200 bytes, 12 deep: 2.4 kB, below every limit of Linux.
    private static readonly string Deep = string.Join(
        '/',
        Enumerable.Range(0, 12).Select(i => new string((char)('a' + i), 200))
    );

    [Fact]
    public async Task A_repository_of_100_000_files_is_worked_in_within_a_minute_and_many_changes_are_bounded()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "shell lines of Linux");
        var repository = await ImportAsync(
            Enumerable
                .Range(0, Files)
                .Select(i =>
                    (string.Create(CultureInfo.InvariantCulture, $"d{i / 500}/f{i}.txt"), "x\n")
                )
        );

        var one = await TimedAsync(
            repository,
            """{"do":"append","path":"d7/f3501.txt","text":"y\n"}"""
        );
        var many = await TimedAsync(
            repository,
            """{"do":"run","command":["/bin/sh","-c","for d in d1? d2? d3? d4?; do for f in $d/*; do echo y >> $f; done; done"]}"""
        );

        TestContext.Current.SendDiagnosticMessage(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Files} files: one changed in {one.Took.TotalSeconds:F1} s, 20,000 changed in {many.Took.TotalSeconds:F1} s; silo {PeakKib() / 1024} MiB at most"
            )
        );
        Assert.True(one.End.Phase == TaskPhase.Done, Told(one.End));
        Assert.Equal(["d7/f3501.txt"], one.End.Result!.Diff.Files.Select(f => f.Path));
        Assert.InRange(one.Took, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        // More than is listed is more than is judged: denied by name, and nothing of it is lost.
        Assert.True(many.End.Phase == TaskPhase.Failed, Told(many.End));
        Assert.Equal(
            (20_000, 2_000),
            (many.End.Result!.Diff.FilesTotal, many.End.Result.Diff.Files.Count)
        );
        Assert.Equal("policy_denied", many.End.Failure!.Code);
        Assert.NotEmpty(many.End.Result.Diff.PatchBlob);
        Assert.InRange(many.Took, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        Assert.InRange(PeakKib(), 1, ResidentMaxKib);
        Assert.Contains(
            (await RecordAsync(many.End))
                .GetProperty("policy")
                .GetProperty("rulings")
                .EnumerateArray(),
            r => r.GetProperty("rule").GetString() == "unseen_files"
        );
    }

    [Fact]
    public async Task Names_that_differ_by_case_or_form_alone_are_kept_apart_and_each_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        string[] names =
        [
            "README",
            "readme",
            "Straße/a",
            "STRASSE/a",
            "caf\u00e9.txt",
            "cafe\u0301.txt",
        ];
        var repository = await ImportAsync(names.Select(n => (n, "one\n")));

        var (end, _) = await TimedAsync(
            repository,
            string.Join(
                ',',
                new[] { names[1], names[3], names[5] }.Select(n =>
                    JsonSerializer.Serialize(
                        new
                        {
                            @do = "append",
                            path = n,
                            text = "two\n",
                        }
                    )
                )
            )
        );

        Assert.True(end.Phase == TaskPhase.Done, Told(end));
        Assert.Equal(
            new[] { names[1], names[3], names[5] }.Order(StringComparer.Ordinal),
            end.Result!.Diff.Files.Select(f => f.Path).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Odd_names_that_are_there_already_disturb_nothing_and_a_change_of_one_is_denied_by_name()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), LinuxOnly);
        string[] odd = ["a\nb.txt", "a\u001b[31mred", "tab\there", "CON", "trailing.", "a:b"];
        string[] plain =
        [
            "-rf",
            "--upload-pack=touch x",
            "$(touch x)",
            "`touch x`",
            "; touch x",
            new string('n', 255),
            Deep + "/file",
            "!neg",
            "#hash",
        ];
        var repository = await ImportAsync(
            odd.Concat(plain).Append("a.txt").Select(n => (n, "one\n"))
        );

        var (fine, _) = await TimedAsync(
            repository,
            string.Join(',', plain.Append("a.txt").Select(Append))
        );

        Assert.True(fine.Phase == TaskPhase.Done, Told(fine));
        Assert.Equal(
            plain.Append("a.txt").Order(StringComparer.Ordinal),
            fine.Result!.Diff.Files.Select(f => f.Path).Order(StringComparer.Ordinal)
        );
        foreach (var name in odd)
        {
            var (end, _) = await TimedAsync(repository, Append(name));

            Assert.True(end.Phase == TaskPhase.Failed, $"'{name}': {Told(end)}");
            Assert.Equal([name], end.Result!.Diff.Files.Select(f => f.Path));
            Assert.Equal("policy_denied", end.Failure!.Code);
            var record = (await RecordAsync(end)).GetRawText();
            Assert.Contains("odd_name", record, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', record);
        }

        // By a shell: a script's own steps take no such paths.
        static string Append(string name) =>
            JsonSerializer.Serialize(
                new
                {
                    @do = "run",
                    command = (string[])["/bin/sh", "-c", "printf 'two\\n' >> \"$0\"", "./" + name],
                }
            );
    }

    [Theory]
    [InlineData("sparse, 200 MB", "truncate -s 200000000 big.bin", true)]
    [InlineData("random, 200 MB", "head -c 200000000 /dev/urandom > big.bin", false)]
    public async Task A_huge_file_is_taken_or_refused_by_its_patch_and_the_silo_stays_small(
        string what,
        string command,
        bool taken
    )
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "shell lines of Linux");
        var repository = await ImportAsync([("a.txt", "one\n")]);

        var (end, took) = await TimedAsync(
            repository,
            $$"""{"do":"run","command":["/bin/sh","-c","{{command}}"]}"""
        );

        TestContext.Current.SendDiagnosticMessage(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: {end.Phase} in {took.TotalSeconds:F1} s, patch {end.Result!.Diff.PatchBytes} bytes; silo {PeakKib() / 1024} MiB at most"
            )
        );
        Assert.True(end.Phase == (taken ? TaskPhase.Done : TaskPhase.Failed), Told(end));
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.InRange(PeakKib(), 1, ResidentMaxKib);
        if (taken)
        {
            Assert.Equal(
                ("big.bin", -1),
                (end.Result!.Diff.Files[0].Path, end.Result.Diff.Files[0].AddedLines)
            );
            return;
        }
        Assert.Equal(ErrorClass.Workspace, end.ErrorClass);
        Assert.Contains("64 MiB", end.Result!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_that_a_repository_orders_git_to_do_is_done()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "hooks are shell files of Linux");
        var proof = Path.Combine(SiloProcess.NewFolder(), "executed");
        // Whoever runs it is named by its own command line.
        var evil = $"tr '\\0' ' ' </proc/\\$PPID/cmdline >>{proof}; echo \\$0 >>{proof}; cat";
        var repository = await WorkspaceRoom.RepositoryAsync(
            $"""
            printf '* filter=evil diff=evil merge=evil\n*.ident ident\n' >.gitattributes
            printf '[submodule "s"]\n\tpath = s\n\turl = "ext::sh -c touch%% {proof}"\n\tupdate = !touch {proof}\n' >.gitmodules
            printf '[lfs]\n\turl = ext::sh\n' >.lfsconfig
            printf '[core]\n\tfsmonitor = touch {proof}\n' >evil.config
            mkdir -p .githooks; printf '%s\n' '#!/bin/sh' "tr '\\0' ' ' </proc/\$PPID/cmdline >>{proof}" >.githooks/post-checkout; chmod +x .githooks/post-checkout
            echo one >a.txt; git add -A; git update-index --add --cacheinfo 160000,1111111111111111111111111111111111111111,s
            git commit -qm base
            for h in post-checkout post-index-change pre-commit post-commit reference-transaction fsmonitor-watchman pre-auto-gc; do cp .githooks/post-checkout .git/hooks/$h; done
            cp .githooks/post-checkout {proof}.sh; chmod +x {proof}.sh
            for k in filter.evil.clean filter.evil.smudge filter.evil.process diff.evil.command diff.evil.textconv merge.evil.driver core.fsmonitor core.sshCommand core.pager diff.external uploadpack.packObjectsHook core.askPass credential.helper gpg.program alias.status; do git config "$k" "{evil}"; done
            git config core.hooksPath .githooks; git config include.path ../evil.config; git config core.alternateRefsCommand "{proof}.sh"
            git config remote.origin.url 'ext::sh -c touch% {proof}'; git config remote.origin.promisor true; git config extensions.partialClone origin; git config protocol.ext.allow always
            """
        );
        File.Delete(proof); // the repository's own git ran it while it was laid out
        Assert.False(File.Exists(proof));

        var (end, _) = await TimedAsync(
            repository,
            """{"do":"edit","path":"a.txt","find":"one","text":"two"},{"do":"write","path":"b.txt","text":"b\n"}"""
        );

        Assert.True(end.Phase == TaskPhase.Done, Told(end));
        Assert.Equal(["a.txt", "b.txt"], end.Result!.Diff.Files.Select(f => f.Path));
        Assert.False(
            File.Exists(proof),
            "run by: " + (File.Exists(proof) ? await File.ReadAllTextAsync(proof) : "")
        );
    }

    private async Task<(TaskSnapshot End, TimeSpan Took)> TimedAsync(
        string repository,
        string steps
    )
    {
        using var limit = new CancellationTokenSource(Deadline);
        if (OperatingSystem.IsLinux())
        {
            // The highest resident memory counts anew from here.
            await File.WriteAllTextAsync($"/proc/{room.Silo.Pid}/clear_refs", "5", limit.Token);
        }
        var started = Stopwatch.GetTimestamp();
        var task = await room.Silo.Client.SubmitAsync(
            SiloProcess.Scripted(steps, repository),
            cancellationToken: limit.Token
        );
        var end = await task.WaitAsync(limit.Token);
        return (end, Stopwatch.GetElapsedTime(started));
    }

    private async Task<JsonElement> RecordAsync(TaskSnapshot end)
    {
        await Exports.WaitAsync(room.Silo.Data, [end.TaskId]);
        using var document = JsonDocument.Parse(
            await File.ReadAllBytesAsync(
                Path.Combine(room.Silo.Data, "results", end.TaskId + ".json")
            )
        );
        return document.RootElement.Clone();
    }

    private static string Told(TaskSnapshot end) =>
        $"{end.Phase} {end.ErrorClass}: {end.Failure?.Code} {end.Failure?.Message} {end.Result?.Message} {end.Result?.Diff.FilesTotal} files, {end.WaitingFor}";

    // The highest resident memory of the silo, KiB.
    private long PeakKib() =>
        OperatingSystem.IsLinux()
            ? long.Parse(
                File.ReadLines($"/proc/{room.Silo.Pid}/status")
                    .First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
                CultureInfo.InvariantCulture
            )
            : 1;

    // By fast-import: no checkout, any name.
    private static async Task<string> ImportAsync(IEnumerable<(string Path, string Text)> files)
    {
        var folder = SiloProcess.NewFolder();
        var stream = new StringBuilder();
        stream.Append(
            "commit refs/heads/main\ncommitter t <t@localhost> 1700000000 +0000\ndata 4\nbase\n"
        );
        foreach (var (path, text) in files)
        {
            stream.Append(
                CultureInfo.InvariantCulture,
                $"M 100644 inline {Quoted(path)}\ndata {text.Length}\n{text}"
            );
        }
        var import = Path.Combine(SiloProcess.NewFolder(), "import");
        await File.WriteAllTextAsync(import, stream.ToString());
        await WorkspaceRoom.ShellAsync(
            folder,
            $"git init -q -b main; git fast-import --quiet < '{import}'"
        );
        return folder;
    }

    private static string Quoted(string path) =>
        "\""
        + path.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
        + "\"";
}
