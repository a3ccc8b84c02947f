using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Policy;
using Orchestrator.UnitTests.House;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>The published schema says what the reader takes.</summary>
public sealed class PolicySchemaTests
{
    private const string Head =
        "version: 1\nname: p\nlanes: {code: {types: [fix], write: direct}}\n";

    public static TheoryData<string> Policies =>
        ["schemas/policy/default.yaml", .. Repository.Files(".yaml").Where(IsSample)];

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_published_policy_is_valid_by_schema_and_reader_and_holds_its_tests(string file)
    {
        var text = Repository.Read(file);
        var (policy, problems) = PolicyReader.Read(text, file);

        Assert.Empty(problems);
        Assert.Empty(TextSchemas.CheckPolicy(Json(text)));
        Assert.Empty(PolicyExplainer.Test(policy!));
        Assert.True(policy!.ExampleCount >= 7, "It has too few tests to show anything.");
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_published_policy_names_the_schema_for_editors(string file)
    {
        var first = Repository.Read(file).Split('\n')[0];
        const string Mark = "# yaml-language-server: $schema=";

        Assert.StartsWith(Mark, first, StringComparison.Ordinal);
        Assert.Equal(
            Path.GetFullPath(Path.Combine(Repository.Root, "schemas/json/policy.schema.json")),
            Path.GetFullPath(
                Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, first[Mark.Length..])
            )
        );
    }

    [Fact]
    public void The_fixture_of_the_tests_is_valid_by_the_schema() =>
        Assert.Empty(TextSchemas.CheckPolicy(Json(PolicyFixture.Team)));

    [Theory]
    [InlineData("protekt: [a]")]
    [InlineData("protect: [/a]")]
    [InlineData("protect: ['[a]']")]
    [InlineData("self_approval: 'true'")]
    [InlineData("changes: {workflow: maybe}")]
    [InlineData("changes: {worflow: ask}")]
    [InlineData("rules: [{verdict: deny}]")]
    [InlineData("rules: [{name: a}]")]
    [InlineData("rules: [{name: a, verdict: allow}]")]
    [InlineData("rules: [{name: a, verdict: ask, approvals: 0}]")]
    [InlineData("rules: [{name: a, verdict: deny, when: {kinds: [x]}}]")]
    [InlineData("rules: [{name: a, verdict: deny, when: {risk: huge}}]")]
    [InlineData("rules: [{name: a, verdict: deny, when: {lines: 3}}]")]
    [InlineData("tests: [{name: a, given: {}, expect: allow}]")]
    [InlineData("tests: [{name: a, given: {type: fix}, expect: yes}]")]
    [InlineData("roles: {'a b': [x]}")]
    [InlineData("requesters: [{name: [x]}]")]
    public void What_the_schema_refuses_the_reader_refuses(string part)
    {
        Assert.NotEmpty(TextSchemas.CheckPolicy(Json(Head + part)));
        Assert.NotEmpty(PolicyReader.Read(Head + part, "p.yaml").Problems);
    }

    [Fact]
    public void The_schema_knows_every_kind_of_change_and_its_default()
    {
        var changes = JsonNode.Parse(Repository.Read("schemas/json/policy.schema.json"))![
            "properties"
        ]!["changes"]!["properties"]!;

        Assert.All(
            ChangeKinds.All,
            k =>
                Assert.EndsWith(
                    $"Default: {PolicyWords.Of(ChangeKinds.Unsaid(k.Kind))}.",
                    changes[k.Name]!["description"]!.GetValue<string>(),
                    StringComparison.Ordinal
                )
        );
        Assert.Equal(ChangeKinds.All.Count, changes.AsObject().Count);
    }

    [Fact]
    public void The_built_in_policy_says_of_every_kind_what_is_in_force_without_it() =>
        Assert.All(
            DefaultPolicy.Document.Changes,
            c =>
            {
                Assert.True(c.Said, c.Name);
                Assert.Equal(ChangeKinds.Unsaid(c.Kind), c.Verdict);
            }
        );

    private static bool IsSample(string file) =>
        file.StartsWith("docs/samples/", StringComparison.Ordinal)
        && Path.GetFileName(file) != ".orchestrator.yaml"; // verify commands, no policy

    // As an editor reads it: words without quotes may be numbers, true or false.
    internal static string Json(string text)
    {
        var problems = new PolicyProblems();
        var root = new PolicyYaml(problems).Read(text);
        Assert.True(problems.None);
        return Node(root!)!.ToJsonString();
    }

    private static JsonNode? Node(YamlPart part) =>
        part switch
        {
            YamlPart.Entries map => new JsonObject(
                map.Parts.Select(e => KeyValuePair.Create(e.Key.Value, Node(e.Value)))
            ),
            YamlPart.Items items => new JsonArray([.. items.Parts.Select(Node)]),
            YamlPart.Text { Plain: true, Value: "true" or "false" } flag => flag.Value == "true",
            YamlPart.Text { Plain: true } number
                when decimal.TryParse(
                    number.Value,
                    NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture,
                    out var value
                ) => value,
            YamlPart.Text words => words.Value,
            _ => null,
        };
}
