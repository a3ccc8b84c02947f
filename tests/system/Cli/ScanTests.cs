using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>The verb that looks for secrets, without a server: files, a diff, what is staged, and the sample of a hook.</summary>
public sealed class ScanTests
{
    private const string Token = "ghp_" + "a8Jk2mLq9ZxT4vBn7Wc1Yd6Rf3Gh5Ks0Pu8E";
    private const string Allowed = "x = " + Token + " # orchestrator:allow-secret\n";

    [Fact]
    public async Task Files_and_folders_tell_place_and_rule_and_what_was_left_out()
    {
        var folder = SiloProcess.NewFolder();
        Directory.CreateDirectory(Path.Combine(folder, "inner", ".git"));
        await Write(folder, "inner/.git/config", Token);
        await Write(folder, "inner/a b.txt", $"one\r\nkey {Token}\r\n");
        await Write(folder, "allowed.txt", Allowed);
        await Write(folder, "binary.bin", "\0" + Token);
        await Write(folder, "large.txt", Token + new string('\n', 6 * 1024 * 1024));
        await File.WriteAllTextAsync(Path.Combine(folder, "utf16.txt"), Token, Encoding.Unicode);

        var run = await ScanAsync(folder, "scan");

        Assert.Equal(3, run.ExitCode);
        Assert.Equal(
            ["inner/a b.txt:2:5 github-token", "utf16.txt:1:1 github-token"],
            Lines(run.Output).Order(StringComparer.Ordinal)
        );
        Assert.Contains("large.txt is left out: 6 MiB", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, run.Output + run.Error, StringComparison.Ordinal);

        var json = await ScanAsync(folder, "scan", "--json", "inner");

        Assert.Equal(3, json.ExitCode);
        using var answer = JsonDocument.Parse(json.Output);
        var finding = Assert.Single(answer.RootElement.GetProperty("findings").EnumerateArray());
        Assert.Equal(2, finding.GetProperty("line").GetInt32());
        Assert.Equal("github-token", finding.GetProperty("rule").GetString());

        Assert.Equal(0, (await ScanAsync(folder, "scan", "allowed.txt")).ExitCode);
    }

    [Fact]
    public async Task Wrong_usage_is_two_and_says_the_way_out()
    {
        var folder = SiloProcess.NewFolder();
        (string[] Arguments, string Says)[] wrongs =
        [
            (["scan", "not-there"], "not-there"),
            (["scan", "--staged", "a"], "one of the three"),
            (["scan", "--diff", "not-there"], "not-there"),
            (["scan", "--staged"], "git"),
        ];
        foreach (var (arguments, says) in wrongs)
        {
            var run = await ScanAsync(folder, arguments);

            Assert.True(run.ExitCode == 2, $"{string.Join(' ', arguments)}: {run.ExitCode}");
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
            Assert.Empty(run.Output);
        }
    }

    [Fact]
    public async Task What_is_staged_stops_and_what_was_there_does_not()
    {
        var repository = await SiloProcess.RepositoryAsync(("old.txt", $"one\ntwo {Token}\n"));
        await Write(repository, "old.txt", $"one!\ntwo {Token}\n");
        await Write(repository, "fine.txt", "fine\n");
        await Write(repository, "unstaged.txt", Token + "1");
        await Git.RunAsync(repository, "add", "old.txt", "fine.txt");

        Assert.Equal(0, (await ScanAsync(repository, "scan", "--staged")).ExitCode);

        // Marked as binary, so that git itself would not show it.
        await Write(repository, ".gitattributes", "*.txt -diff\n");
        await Write(repository, "näw \"1\".txt", $"a\nb {Token}2\n");
        await Git.RunAsync(repository, "add", "--", ".gitattributes", "näw \"1\".txt");
        var run = await ScanAsync(repository, "scan", "--staged");

        Assert.Equal(3, run.ExitCode);
        Assert.Equal(["näw \"1\".txt:2:3 github-token"], Lines(run.Output));
        var diff = Path.Combine(SiloProcess.NewFolder(), "a.diff");
        await File.WriteAllTextAsync(
            diff,
            await Git.RunAsync(repository, "diff", "--cached", "--text") + "\n"
        );
        Assert.Equal(3, (await ScanAsync(repository, "scan", "--diff", diff)).ExitCode);
    }

    [Fact]
    public async Task The_sample_of_a_hook_stops_a_commit_with_a_secret_and_no_other()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The hook is run by git's own shell; here it is run on Linux.");
        }
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        var hook = Path.Combine(repository, ".git", "hooks", "pre-commit");
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        File.Copy(SourceTree.File("docs", "samples", "pre-commit"), hook, overwrite: true);
        await Write(repository, "b.txt", $"key {Token}\n");
        await Git.RunAsync(repository, "add", "b.txt");

        var stopped = await CommitAsync(repository);

        Assert.NotEqual(0, stopped.ExitCode);
        // Git gives a hook its own stderr for both.
        Assert.Contains("b.txt:1:5 github-token", stopped.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, stopped.Output + stopped.Error, StringComparison.Ordinal);

        await Write(repository, "b.txt", Allowed);
        await Git.RunAsync(repository, "add", "b.txt");
        var done = await CommitAsync(repository);

        Assert.True(done.ExitCode == 0, done.Output + done.Error);
    }

    private static Task<CliRun> CommitAsync(string repository)
    {
        var info = new ProcessStartInfo(
            "git",
            ["-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-m", "x"]
        )
        {
            WorkingDirectory = repository,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        info.Environment["ORCHESTRATOR"] = SiloProcess.Output("Orchestrator.Cli", "orchestrator");
        return CliProcess.RunAsync(info);
    }

    private static Task<CliRun> ScanAsync(string folder, params string[] arguments)
    {
        var info = CliProcess.Info(null, arguments);
        info.WorkingDirectory = folder;
        return CliProcess.RunAsync(info);
    }

    private static Task Write(string folder, string file, string text) =>
        File.WriteAllTextAsync(Path.Combine(folder, file), text);

    private static string[] Lines(string output) =>
        output
            .Replace('\\', '/')
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
