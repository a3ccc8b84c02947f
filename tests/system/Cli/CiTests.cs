using System.Text.Json;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>The command that judges a change in a CI system: real commits, no server.</summary>
public sealed class CiTests
{
    private const string Policy = """
        version: 1
        name: mine
        protect: [vault/**]
        lanes: {code: {types: [fix], write: direct}}
        rules: [{name: look, verdict: ask, when: {paths: [core/**]}}]
        tests:
          - {name: the vault stays, given: {type: fix, path: vault/a}, expect: deny, rule: protect}

        """;
    private const string PolicyPath = ".orchestrator/policy.yaml";

    [Fact]
    public async Task A_change_that_nothing_objects_to_passes_and_one_that_is_asked_about_only_when_not_strict()
    {
        var checkout = await CiCheckout.MakeAsync((PolicyPath, Policy), ("src/a", "1\n"));
        await checkout.CommitAsync(("src/a", "2\n"));

        var fine = await checkout.CiAsync("--base", "main", "--strict");
        Assert.True(fine.ExitCode == 0, fine.Output + fine.Error);
        Assert.Contains("policy:  mine@", fine.Output, StringComparison.Ordinal);
        Assert.Contains("result:  passed", fine.Output, StringComparison.Ordinal);

        await checkout.CommitAsync(("core/a", "2\n"));
        Assert.Equal(0, (await checkout.CiAsync("--base", "main")).ExitCode);
        var strict = await checkout.CiAsync("--base", "main", "--strict");
        Assert.Equal(4, strict.ExitCode);
        Assert.Contains("warning: policy/look core/a", strict.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_violation_is_told_to_people_programs_and_runners_and_no_secret_is()
    {
        var checkout = await CiCheckout.MakeAsync((PolicyPath, Policy), ("a", "1\n"));
        // An attributes file of the change hides nothing.
        await checkout.CommitAsync(
            ("src/b.txt", $"one\nkey {CiCheckout.Token}\n"),
            (".gitattributes", "* -diff\n"),
            (".env", "A=1\n"),
            ("vault/plain", "x\n")
        );
        var sarif = Path.Combine(checkout.Folder, "..", "out.sarif");
        var summary = Path.Combine(checkout.Folder, "..", "summary.md");

        var run = await checkout.CiAsync(
            [
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_BASE_REF", "main"),
                ("GITHUB_STEP_SUMMARY", summary),
            ],
            "--json",
            "--sarif",
            sarif
        );

        Assert.Equal(3, run.ExitCode);
        using var answer = JsonDocument.Parse(run.Output);
        var findings = answer.RootElement.GetProperty("findings").EnumerateArray().ToList();
        string Of(string name) =>
            string.Join(
                ' ',
                findings.Select(f => f.GetProperty(name).ToString()).Order(StringComparer.Ordinal)
            );
        Assert.Equal("error error error warning", Of("level"));
        Assert.Contains("github-token", Of("rule"), StringComparison.Ordinal);
        Assert.Contains("sensitive_file", Of("rule"), StringComparison.Ordinal);
        Assert.Contains("src/b.txt", Of("path"), StringComparison.Ordinal);
        Assert.Contains("vault/plain", Of("path"), StringComparison.Ordinal);
        // The answer is alone on stdout: annotations go to the other stream, which runners read too.
        Assert.Contains(
            "::error file=src/b.txt,line=2,col=5,",
            run.Error,
            StringComparison.Ordinal
        );
        using var written = JsonDocument.Parse(await File.ReadAllTextAsync(sarif));
        Assert.Equal(
            4,
            written.RootElement.GetProperty("runs")[0].GetProperty("results").GetArrayLength()
        );
        var page = await File.ReadAllTextAsync(summary);
        Assert.StartsWith("### Orchestrator: violation", page, StringComparison.Ordinal);
        Assert.DoesNotContain(
            CiCheckout.Token,
            run.Output + run.Error + page + await File.ReadAllTextAsync(sarif),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_change_is_judged_by_the_policy_of_its_base_and_never_by_the_one_that_it_brings()
    {
        var checkout = await CiCheckout.MakeAsync((PolicyPath, Policy), ("a", "1\n"));
        await checkout.CommitAsync(
            (PolicyPath, "version: 1\nname: loose\nlanes: {code: {types: [fix], write: direct}}\n"),
            ("vault/a", "x\n")
        );

        var run = await checkout.CiAsync("--base", "main");

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("policy:  mine@", run.Output, StringComparison.Ordinal);
        Assert.Contains("policy/protect vault/a", run.Output, StringComparison.Ordinal);
        Assert.Contains("This changes the policy.", run.Output, StringComparison.Ordinal);

        // A branch that left before the rule came is judged by the base as it is now.
        var late = await CiCheckout.MakeAsync(("a", "1\n"));
        await late.CommitAsync(("vault/a", "x\n"));
        Assert.Equal(0, (await late.CiAsync("--base", "main")).ExitCode);
        await Git.RunAsync(late.Folder, "checkout", "-q", "main");
        await late.CommitAsync((PolicyPath, Policy));
        await Git.RunAsync(late.Folder, "checkout", "-q", "change");
        var judged = await late.CiAsync("--base", "main");
        Assert.Equal(3, judged.ExitCode);
        Assert.DoesNotContain("removes the policy", judged.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broken_policy_or_artifact_fails_with_its_place()
    {
        var checkout = await CiCheckout.MakeAsync((PolicyPath, Policy), ("a", "1\n"));
        await checkout.CommitAsync((PolicyPath, Policy.Replace("vault/**", "other/**")));
        var example = await checkout.CiAsync("--base", "main");
        Assert.Equal(1, example.ExitCode);
        Assert.Contains(
            $"policy-file/example {PolicyPath}:7: ",
            example.Output,
            StringComparison.Ordinal
        );

        await checkout.CommitAsync(
            (PolicyPath, Policy),
            ("results/x.json", """{"schema_version":"1.0","task_id":"x"}"""),
            ("results/other.json", "{}")
        );
        var artifact = await checkout.CiAsync("--base", "main");
        Assert.Equal(1, artifact.ExitCode);
        Assert.Contains(
            "artifacts/schema results/x.json",
            artifact.Output,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("other.json", artifact.Output, StringComparison.Ordinal);
        var named = await checkout.CiAsync("--base", "main", "--artifacts", "results/other.json");
        Assert.Contains(
            "artifacts/schema results/other.json",
            named.Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Hostile_file_names_survive_and_order_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Such names are none on Windows.");
        var checkout = await CiCheckout.MakeAsync((PolicyPath, Policy), ("a", "1\n"));
        await checkout.CommitAsync(
            (CiCheckout.HostileName, CiCheckout.Token + "\n"),
            ("::error::x", "y\n"),
            ("-rf", "z\n")
        );

        foreach (var system in (string[])["github", "azure", "gitlab", "none"])
        {
            var run = await checkout.CiAsync("--base", "main", "--annotations", system);

            Assert.Equal(3, run.ExitCode);
            Assert.DoesNotContain(CiCheckout.Token, run.Output, StringComparison.Ordinal);
            var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.All(
                lines,
                l =>
                    Assert.Matches(
                        "^([a-z]+: |::(error|warning) (file|title)=|##vso\\[task\\.logissue type=)",
                        l
                    )
            );
            Assert.All(
                lines,
                l => Assert.True(l.LastIndexOf("##", StringComparison.Ordinal) <= 0, l)
            );
        }
        Assert.True(File.Exists(Path.Combine(checkout.Folder, "gl-code-quality-report.json")));
    }

    [Fact]
    public async Task What_cannot_be_judged_is_two_and_says_the_way_out()
    {
        var checkout = await CiCheckout.MakeAsync(("a", "1\n"));
        (string[] Arguments, string Says)[] wrongs =
        [
            ([], "--base REF"),
            (["--base", "nowhere"], "fetch-depth: 0"),
            (["--base", "--help-me"], "--base"),
            (["--base", "main", "--policy", "nowhere.yaml"], "nowhere.yaml"),
            (["--base", "main", "--type", "poem"], "--type poem"),
            (["--base", "main", "--artifacts", "nowhere"], "nowhere"),
        ];
        foreach (var (arguments, says) in wrongs)
        {
            var run = await checkout.CiAsync(arguments);

            Assert.True(run.ExitCode == 2, $"{string.Join(' ', arguments)}: {run.ExitCode}");
            Assert.Contains(says, run.Error + run.Output, StringComparison.Ordinal);
        }
        await Git.RunAsync(checkout.Folder, "checkout", "-q", "--orphan", "apart");
        await checkout.CommitAsync(("b", "1\n"));
        var apart = await checkout.CiAsync("--base", "main");
        Assert.Equal(2, apart.ExitCode);
        Assert.Contains("no commit in common", apart.Error, StringComparison.Ordinal);
    }
}
