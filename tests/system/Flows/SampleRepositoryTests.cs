using System.Diagnostics;
using Orchestrator.Decisions.Runners;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.SystemTests.Cli;
using Xunit;

namespace Orchestrator.SystemTests.Flows;

/// <summary>The sample repository of the documents works as it is: copied, put under git, and worked on.</summary>
public sealed class SampleRepositoryTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Its_verify_commands_and_the_examples_of_its_policy_hold()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Its program is a bash script.");
        var checkout = await CopyAsync();
        var plan = VerifyPlan.Choose(
            await File.ReadAllTextAsync(Path.Combine(checkout.Folder, VerifyPlan.FileName)),
            [],
            [],
            null
        );

        Assert.Equal("", plan.Problem);
        Assert.Equal("bash tests/run.sh", Assert.Single(plan.Commands));
        var verified = await checkout.RunAsync(Program("bash", "-c", plan.Commands[0]));
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        var tested = await checkout.RunAsync(
            CliProcess.Info(null, "policy", "test", ".orchestrator/policy.yaml")
        );
        Assert.True(tested.ExitCode == 0, tested.Output + tested.Error);
    }

    [Fact]
    public async Task A_planted_change_is_caught_and_an_ordinary_one_is_not()
    {
        var checkout = await CopyAsync();
        await checkout.CommitAsync(("docs/more.md", "More.\n"));
        var fine = await checkout.CiAsync("--base", "main", "--strict");
        Assert.True(fine.ExitCode == 0, fine.Output + fine.Error);

        await checkout.CommitAsync(("VERSION", "2.0.0\n"));
        var caught = await checkout.CiAsync("--base", "main");

        Assert.Equal(3, caught.ExitCode);
        Assert.Contains(
            "policy/releases are made by people VERSION",
            caught.Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_task_on_it_is_accepted_by_its_tests_and_not_when_it_breaks_them()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Its program is a bash script.");
        var checkout = await CopyAsync();
        await using var silo = await SiloProcess.StartAsync();
        (string Step, TaskPhase End)[] tasks =
        [
            ("""{"do":"append","path":"README.md","text":"More.\n"}""", TaskPhase.Done),
            ("""{"do":"write","path":"src/greet.sh","text":"echo no\n"}""", TaskPhase.Failed),
        ];
        foreach (var (step, end) in tasks)
        {
            var task = await silo.Client.SubmitAsync(SiloProcess.Scripted(step, checkout.Folder));
            using var limit = new CancellationTokenSource(Deadline);
            var ended = await task.WaitAsync(limit.Token);

            Assert.Equal(end, ended.Phase);
        }
    }

    private static async Task<CiCheckout> CopyAsync()
    {
        var from = SourceTree.File("docs", "samples", "repository");
        return await CiCheckout.MakeAsync([
            .. Directory
                .EnumerateFiles(from, "*", SearchOption.AllDirectories)
                .Select(f =>
                    (Path.GetRelativePath(from, f).Replace('\\', '/'), File.ReadAllText(f))
                ),
        ]);
    }

    private static ProcessStartInfo Program(string name, params string[] arguments) =>
        new(name, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
}
