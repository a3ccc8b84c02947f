using System.Text.RegularExpressions;
using Orchestrator.UnitTests.House;
using Xunit;
using YamlDotNet.Serialization;

namespace Orchestrator.UnitTests.Deploy;

/// <summary>What deploy/github-action/action.yml and the workflow of the sample say. Neither was run by GitHub.</summary>
public sealed partial class ActionTests
{
    private const string Action = "deploy/github-action/action.yml";
    private const string Workflow = "docs/samples/repository/.github/workflows/orchestrator.yml";

    [Fact]
    public void No_expression_stands_in_a_script_and_every_input_reaches_both_scripts()
    {
        var root = Read(Action);
        var inputs = Map(root["inputs"]).Keys.Cast<string>().ToList();
        var steps = Steps(Map(root["runs"])["steps"]);

        Assert.NotEmpty(inputs);
        Assert.Equal(2, steps.Count);
        foreach (var step in steps)
        {
            Assert.DoesNotContain("${{", (string)step["run"], StringComparison.Ordinal);
            Assert.DoesNotContain("uses", step.Keys);
            var passed = Map(step["env"]).ToDictionary(e => (string)e.Key, e => (string)e.Value);
            Assert.Equal(
                inputs.Select(i => $"${{{{ inputs.{i} }}}}"),
                passed
                    .Values.Order(StringComparer.Ordinal)
                    .OrderBy(v => inputs.FindIndex(i => v == $"${{{{ inputs.{i} }}}}"))
            );
            var script = Repository.Read(
                ((string)step["run"]).Contains("ci.sh", StringComparison.Ordinal)
                    ? "deploy/github-action/ci.sh"
                    : "deploy/github-action/ci.ps1"
            );
            Assert.All(passed.Keys, v => Assert.Contains(v, script, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_sample_pins_every_action_to_a_commit_and_asks_for_no_right_to_write()
    {
        var text = Repository.Read(Workflow);
        var uses = Uses().Matches(text).Select(m => m.Groups["what"].Value).ToList();

        Assert.Equal(4, uses.Count);
        Assert.All(uses, u => Assert.Matches("@[0-9a-f]{40}$", u));
        var root = Read(Workflow);
        Assert.Equal("read", Assert.Single(Map(root["permissions"])).Value);
        Assert.DoesNotContain("pull_request_target", text, StringComparison.Ordinal);
        Assert.DoesNotContain("${{", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deploy/ci/gitlab-ci.yml")]
    [InlineData("deploy/ci/azure-pipelines.yml")]
    public void An_example_for_another_system_is_YAML_and_runs_the_command(string file)
    {
        Assert.NotEmpty(Read(file));
        Assert.Contains("orchestrator}\" ci'", Repository.Read(file), StringComparison.Ordinal);
    }

    private static Dictionary<object, object> Read(string file) =>
        new DeserializerBuilder()
            .Build()
            .Deserialize<Dictionary<object, object>>(Repository.Read(file));

    private static List<Dictionary<object, object>> Steps(object steps) =>
        [.. Assert.IsType<List<object>>(steps).Select(Map)];

    private static Dictionary<object, object> Map(object map) =>
        Assert.IsType<Dictionary<object, object>>(map);

    [GeneratedRegex(@"uses: (?<what>\S+)")]
    private static partial Regex Uses();
}
