using System.Diagnostics;
using Orchestrator.GrainInterfaces.Api;
using Xunit;

namespace Orchestrator.SystemTests.Health;

#pragma warning disable CA1416 // modes of POSIX: what uses them is skipped on Windows

/// <summary>Each dependency is broken in turn; the doctor finds it, names it and says what helps.</summary>
public sealed class DoctorFaultTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    public static TheoryData<string> Names => [.. DoctorFaults.All.Keys];

    [Fact]
    public async Task Where_nothing_is_broken_no_line_fails_and_none_of_the_faults_is_told()
    {
        await using var bed = DoctorBed.Make();

        var report = await bed.LookAsync();

        Assert.DoesNotContain(report.Checks, c => c.Level == "fail");
        Assert.All(
            DoctorFaults.All.Values,
            f => Assert.DoesNotContain(report.Checks, c => c.Name == f.Line && c.Level == f.Level)
        );
        Assert.Contains(report.Checks, c => c is { Name: "git worktree", Level: "ok" });
        Assert.Contains(report.Checks, c => c is { Name: "disk speed", Level: "ok" or "warn" });
        Assert.Empty(Directory.EnumerateFiles(bed.Data, ".doctor-*", SearchOption.AllDirectories));
        Assert.False(File.Exists(Path.Combine(bed.Data, "journal.db")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_broken_dependency_is_named_with_its_cure(string name)
    {
        var fault = DoctorFaults.All[name];
        Assert.SkipUnless(
            SmallDisk.CanBe || name is not ("read-only folder" or "full disk"),
            "Only root may mount a small disk."
        );
        await using var bed = DoctorBed.Make();
        await fault.Break(bed);

        var report = await bed.LookAsync();

        var told = report
            .Checks.Where(c => c.Name == fault.Line && c.Level == fault.Level)
            .ToList();
        Assert.True(told.Count > 0, Words(report));
        Assert.Contains(told, c => c.Cure.Contains(fault.Cure, StringComparison.Ordinal));
        Assert.All(
            report.Checks,
            c => Assert.True(c.Level == "ok" || c.Cure.Length > 0, $"{c.Name} has no cure")
        );
    }

    [Theory]
    [InlineData("git is missing", "PATH=/is-not-there", "git", "fail", "Install git")]
    [InlineData("git is old", "PATH=$OLD:$PATH", "git", "warn", "newer git")]
    [InlineData("few open files", "true; ulimit -n 512; true", "open files", "warn", "LimitNOFILE")]
    [InlineData(
        "bubblewrap is missing",
        "SILO_SANDBOX=--Runner:Sandbox=bubblewrap; unshare -m true && HIDE=1",
        "sandbox",
        "fail",
        "docs/sandbox.md"
    )]
    public async Task What_is_wrong_with_the_host_is_named_with_its_cure(
        string name,
        string before,
        string line,
        string level,
        string cure
    )
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, name);
        await using var bed = DoctorBed.Make();
        var old = Path.Combine(SiloProcess.NewFolder(), "git");
        await File.WriteAllTextAsync(
            old,
            "#!/bin/sh\ncase \"$*\" in *--version) echo git version 2.11.0;; *) exec /usr/bin/git \"$@\";; esac\n"
        );
        File.SetUnixFileMode(old, (UnixFileMode)0b111_101_101);
        const string Start =
            "silo=$1; shift; HIDE=; SILO_SANDBOX=; %; export PATH; "
            + "if [ -n \"$HIDE\" ]; then exec unshare -m sh -c 'mount --bind /bin/false /usr/bin/bwrap; exec \"$0\" \"$@\"' \"$silo\" doctor \"$@\" $SILO_SANDBOX; "
            + "else exec \"$silo\" doctor \"$@\" $SILO_SANDBOX; fi";
        var info = new ProcessStartInfo(
            "/bin/sh",
            [
                "-c",
                Start.Replace("%", before, StringComparison.Ordinal),
                "sh",
                SiloProcess.Output("Orchestrator.Silo", "orchestrator-silo"),
                .. bed.Settings,
            ]
        )
        {
            RedirectStandardOutput = true,
        };
        info.Environment["OLD"] = Path.GetDirectoryName(old);

        using var process = Process.Start(info)!;
        var text = await process.StandardOutput.ReadToEndAsync().WaitAsync(Deadline);
        await process.WaitForExitAsync().WaitAsync(Deadline);

        var report = DoctorBed.Read(text);
        Assert.True(report.Checks.Any(c => c.Name == line && c.Level == level), Words(report));
        Assert.Contains(
            report.Checks,
            c => c.Name == line && c.Cure.Contains(cure, StringComparison.Ordinal)
        );
        Assert.Equal(report.Checks.Any(c => c.Level == "fail") ? 1 : 0, process.ExitCode);
    }

    [Fact]
    public async Task A_real_call_of_the_agent_tells_that_it_was_answered_and_what_it_cost()
    {
        await using var bed = DoctorBed.Make();
        var recorded = SourceTree.File("tests", "unit", "Fixtures", "streams", "say.jsonl");
        bed.Agent(
            $"[ \"$1\" = --version ] && echo '2.1.330 (Claude Code)' && exit\ncat '{recorded}'"
        );
        bed.TryLogin = true;

        var report = await bed.LookAsync();

        var login = Assert.Single(report.Checks, c => c.Name == "agent login");
        Assert.True(login.Level == "ok", login.Message);
        Assert.Contains("it cost $", login.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fixes_make_folders_close_files_and_remove_what_was_left_behind_and_nothing_else()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Modes are those of POSIX.");
        await using var bed = DoctorBed.Make();
        Directory.Delete(Path.Combine(bed.Data, "results"));
        var env = Path.Combine(bed.Data, ".env");
        await File.WriteAllTextAsync(env, "# none\n");
        File.SetUnixFileMode(env, (UnixFileMode)0b110_100_100);
        var old = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2);
        string[] left =
        [
            Path.Combine(bed.Data, "repos", "a.git", "index.lock"),
            Path.Combine(bed.Data, "tasks", ".x.task.tmp"),
            Path.Combine(bed.Data, "logs", ".doctor-1"),
        ];
        string[] kept =
        [
            Path.Combine(bed.Data, "repos", "a.git", "HEAD"),
            Path.Combine(bed.Data, "tasks", "x.task.md"),
            Path.Combine(bed.Data, "worktrees", "a", "package.lock"),
            Path.Combine(bed.Data, "repos", "b.git", "index.lock"),
        ];
        foreach (var file in left.Concat(kept))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, "");
            File.SetLastWriteTimeUtc(file, old);
        }
        File.SetLastWriteTimeUtc(kept[3], TimeProvider.System.GetUtcNow().UtcDateTime);
        bed.Settings.Add("--fix");

        var first = (await bed.LookAsync()).Fixes!;
        var second = (await bed.LookAsync()).Fixes!;

        Assert.Empty(first.Problems);
        Assert.Contains(first.Done, d => d.Contains("results", StringComparison.Ordinal));
        Assert.Contains(first.Done, d => d.Contains(".env", StringComparison.Ordinal));
        Assert.All(left, f => Assert.False(File.Exists(f), f));
        Assert.All(kept, f => Assert.True(File.Exists(f), f));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(env));
        Assert.Empty(second.Done);
    }

    [Fact]
    public async Task The_command_line_looks_without_a_server_and_its_exit_code_says_what_was_found()
    {
        await using var bed = DoctorBed.Make();
        await File.WriteAllTextAsync(Path.Combine(bed.Data, ".env"), "Runner__Slotz=3\n");

        var broken = await CliProcess.RunAsync(bed.Data, "doctor");
        File.Delete(Path.Combine(bed.Data, ".env"));
        var json = await CliProcess.RunAsync(bed.Data, "doctor", "--json");

        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("Runner:Slotz is unknown", broken.Output, StringComparison.Ordinal);
        Assert.Contains("Runner:Slots", broken.Output, StringComparison.Ordinal);
        var report = DoctorBed.Read(json.Output);
        Assert.Equal(report.Checks.Any(c => c.Level == "fail") ? 1 : 0, json.ExitCode);
        Assert.Contains(report.Checks, c => c.Name == "server");
    }

    private static string Words(DoctorReport report) =>
        string.Join(
            '\n',
            report.Checks.Select(c => $"{c.Level} {c.Name}: {c.Message} -> {c.Cure}")
        );
}
