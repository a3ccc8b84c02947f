using System.Diagnostics;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>The first steps of somebody who has just installed it.</summary>
public sealed class OnboardingTests
{
    [Fact]
    public async Task Init_asks_on_a_terminal_and_asks_again_what_it_cannot_use()
    {
        var data = Path.Combine(SiloProcess.NewFolder(), "data");
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));

        var asked = await OnTerminalAsync(
            data,
            ["/nowhere", repository, "99", "2", "ftp://x", "", "grep -q one a.txt"]
        );
        var givenUp = await OnTerminalAsync(data + "-2", ["/a", "/b", "/c"]);

        Assert.True(asked.ExitCode is 0 or 1, asked.Output);
        foreach (
            var words in (string[])
                [
                    "Repository to work in (folder) [none]",
                    "'/nowhere' is no git repository",
                    "'99' must be a whole number from 1 to 64.",
                    "'ftp://x' is no address.",
                    "Command that must pass",
                    "\e[32mwritten",
                ]
        )
        {
            Assert.Contains(words, asked.Output, StringComparison.Ordinal);
        }
        var env = await File.ReadAllTextAsync(Path.Combine(data, ".env"));
        Assert.Contains("Runner__Slots=2", env, StringComparison.Ordinal);
        Assert.Contains(repository, env, StringComparison.Ordinal);
        Assert.Contains(
            "grep -q one a.txt",
            await File.ReadAllTextAsync(Path.Combine(repository, ".orchestrator.yaml")),
            StringComparison.Ordinal
        );
        Assert.NotEqual(0, givenUp.ExitCode);
        Assert.Contains("Nothing was written.", givenUp.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data + "-2"));
    }

    // util-linux' script gives the command a terminal of its own; what is typed is echoed.
    private static Task<CliRun> OnTerminalAsync(string data, string[] answers)
    {
        var cli = CliProcess.Info(data, "init");
        var info = CliProcess.Info(data);
        info.FileName = "script";
        info.ArgumentList.Clear();
        foreach (var argument in (string[])["-qefc", $"'{cli.FileName}' init", "/dev/null"])
        {
            info.ArgumentList.Add(argument);
        }
        info.Environment["TERM"] = "xterm";
        info.Environment.Remove("NO_COLOR");
        return CliProcess.TellAsync(info, string.Join('\n', answers) + "\n");
    }

    [Fact]
    public async Task Init_writes_settings_that_start_checks_and_a_policy_that_holds_and_overwrites_nothing()
    {
        var data = Path.Combine(SiloProcess.NewFolder(), "data");
        var repository = await SiloProcess.RepositoryAsync(("a.txt", "one\n"));
        string[] arguments =
        [
            "init",
            "--repo",
            repository,
            "--slots",
            "2",
            "--verify",
            "grep -q 'it''s' a.txt",
        ];

        var first = await CliProcess.RunAsync(data, arguments);
        var env = await File.ReadAllTextAsync(Path.Combine(data, ".env"));
        await File.AppendAllTextAsync(Path.Combine(data, ".env"), "# mine\n");
        var second = await CliProcess.RunAsync(data, arguments);
        var kept = await File.ReadAllTextAsync(Path.Combine(data, ".env"));
        var forced = await CliProcess.RunAsync(data, [.. arguments, "--force"]);
        var policy = await CliProcess.RunAsync(
            data,
            "policy",
            "test",
            Path.Combine(repository, ".orchestrator", "policy.yaml")
        );

        Assert.True(first.ExitCode is 0 or 1, first.Error);
        Assert.Contains("Runner__Slots=2", env, StringComparison.Ordinal);
        Assert.Contains("written", first.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fail  settings", first.Output, StringComparison.Ordinal);
        Assert.Contains("checks are ok", first.Output, StringComparison.Ordinal);
        Assert.Equal(env + "# mine\n", kept);
        Assert.Contains("kept", second.Output, StringComparison.Ordinal);
        Assert.Equal(env, await File.ReadAllTextAsync(Path.Combine(data, ".env")));
        Assert.DoesNotContain("kept", forced.Output, StringComparison.Ordinal);
        Assert.True(policy.ExitCode == 0, policy.Output + policy.Error);
        Assert.Contains(
            "  - 'grep -q ''it''''s'' a.txt'",
            await File.ReadAllTextAsync(Path.Combine(repository, ".orchestrator.yaml"))
        );
        Assert.Empty(Directory.GetFiles(data, "*.part"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(Path.Combine(data, ".env"))
            );
        }

        // The settings are those that a silo starts on.
        await using var silo = SiloProcess.At(data);
        await silo.StartAsync();
        var host = Assert.Single((await silo.Client.GetStatusAsync()).Hosts);
        Assert.Equal(2, host.Slots);
        Assert.Contains(host.Labels, l => l.StartsWith("repo=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--repo", "/srv/is-not-there", "git repository")]
    [InlineData("--slots", "65", "1 to 64")]
    [InlineData("--ollama", "localhost", "http://127.0.0.1:11434")]
    public async Task Init_refuses_what_cannot_be_meant_and_writes_nothing(
        string flag,
        string value,
        string words
    )
    {
        var data = Path.Combine(SiloProcess.NewFolder(), "data");

        var run = await CliProcess.RunAsync(data, "init", flag, value);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }
}
