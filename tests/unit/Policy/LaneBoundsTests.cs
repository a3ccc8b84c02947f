using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>What a lane may say at most and at least is what the published schema says, and reader and schema agree on each edge.</summary>
public sealed class LaneBoundsTests
{
    private const string NoHost = "is no host name, exact or *.suffix, without scheme and port";

    private const string NoTool = "is no name of a tool, such as Read, Edit or Bash";

    private const string NoCommand =
        "is no beginning of a command line of letters, digits and _./:=@+- up to 200 characters";

    [Theory]
    [InlineData("budget: {minutes: #}", "minutes", 1, 1_440)]
    [InlineData("budget: {turns: #}", "turns", 1, 10_000)]
    [InlineData("budget: {diff_lines: #}", "diff_lines", 1, 10_000_000)]
    [InlineData("budget: {diff_files: #}", "diff_files", 1, 1_000_000)]
    [InlineData("merge: {quiet_minutes: #}", "quiet_minutes", 0, 100_000)]
    [InlineData("merge: {lines_max: #}", "lines_max", 1, 10_000_000)]
    [InlineData("merge: {files_max: #}", "files_max", 1, 1_000_000)]
    [InlineData("merge: {approvals: #}", "approvals", 0, 20)]
    [InlineData("commands: {ask: [rm], approvals: #}", "approvals", 1, 10)]
    [InlineData("approvals: [{count: #}]", "count", 1, 10)]
    [InlineData("approvals: [{when: {lines_over: #}}]", "lines_over", 0, 10_000_000)]
    [InlineData("approvals: [{when: {files_over: #}}]", "files_over", 0, 1_000_000)]
    [InlineData("guarded_hours: #", "guarded_hours", 1, 8_760)]
    [InlineData("questions: #", "questions", 0, 5)]
    public void A_number_is_taken_from_its_least_to_its_most(
        string key,
        string name,
        int least,
        int most
    )
    {
        string Of(int number) =>
            PolicyTexts.Code(key.Replace("#", $"{number}", StringComparison.Ordinal));

        Assert.All(
            (int[])[least, least + 1, most - 1, most],
            number =>
            {
                Assert.Empty(PolicyTexts.Problems(Of(number)));
                Assert.True(PolicyTexts.SchemaTakes(Of(number)));
            }
        );
        Assert.All(
            (int[])[least - 1, most + 1],
            number =>
            {
                Assert.Equal(
                    [
                        $"8:{5 + key.IndexOf('#', StringComparison.Ordinal)} '{name}' is no whole number of {least} to {most}",
                    ],
                    PolicyTexts.Problems(Of(number))
                );
                Assert.False(PolicyTexts.SchemaTakes(Of(number)));
            }
        );
    }

    [Theory]
    [InlineData("0.01", true)]
    [InlineData("1", true)]
    [InlineData("2.50", true)]
    [InlineData("1000000", true)]
    [InlineData("0", false)]
    [InlineData("0.00", false)]
    [InlineData("1000000.01", false)]
    [InlineData("-1", false)]
    [InlineData("'2.50'", false)]
    public void A_run_costs_more_than_nothing_and_at_most_a_million(string money, bool taken)
    {
        var text = PolicyTexts.Code($"budget: {{cost_usd: {money}}}");

        Assert.Equal(
            taken
                ? []
                :
                [
                    "8:24 'cost_usd' is no amount of US dollars above 0 up to 1000000 | Write a number such as 2.50.",
                ],
            PolicyTexts.Problems(text)
        );
        Assert.Equal(taken, PolicyTexts.SchemaTakes(text));
    }

    public static TheoryData<string, bool> Hosts =>
        new()
        {
            { "a", true },
            { "ab", true },
            { "api.example.com", true },
            { "A-1.example", true },
            { "127.0.0.1", true },
            { "*.a", true },
            { "*.example.org", true },
            { new string('a', 253), true },
            { "*." + new string('a', 253), true },
            { new string('a', 254), false },
            { "*." + new string('a', 254), false },
            { "", false },
            { "*.", false },
            { "*", false },
            { ".a", false },
            { "-a", false },
            { "*..a", false },
            { "*.-a", false },
            { "a.*", false },
            { "a:443", false },
            { "https://a", false },
            { "a_b", false },
            { "a b", false },
            { "ä", false },
        };

    [Theory]
    [MemberData(nameof(Hosts))]
    public void A_host_is_a_name_or_a_suffix(string host, bool taken) =>
        Takes($"network: {{allow: ['{host}']}}", "allow", host, NoHost, taken);

    public static TheoryData<string, bool> Tools =>
        new()
        {
            { "R", true },
            { "Read", true },
            { "mcp__a-b_1", true },
            { new string('a', 99), true },
            { new string('a', 100), true },
            { new string('a', 101), false },
            { "", false },
            { "a b", false },
            { "Bash(x)", false },
            { "a.b", false },
            { "é", false },
        };

    [Theory]
    [MemberData(nameof(Tools))]
    public void A_tool_is_a_short_name(string tool, bool taken) =>
        Takes($"tools: ['{tool}']", "tools", tool, NoTool, taken);

    public static TheoryData<string, bool> Commands =>
        new()
        {
            { "a", true },
            { "./run.sh", true },
            { "a_./:=@+-9 Z", true },
            { new string('a', 199), true },
            { new string('a', 200), true },
            { new string('a', 201), false },
            { "", false },
            { " a", false },
            { "a ", false },
            { "a;b", false },
            { "a*", false },
            { "a,b", false },
            { "a(b)", false },
            { "é", false },
        };

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_is_the_beginning_of_a_line(string command, bool taken)
    {
        Takes($"commands: ['{command}']", "commands", command, NoCommand, taken);
        Takes($"commands: {{ask: [rm, '{command}']}}", "ask", command, NoCommand, taken);
        Takes($"commands: {{allow: ['{command}']}}", "allow", command, NoCommand, taken);
    }

    [Theory]
    [InlineData("name", 80)]
    [InlineData("because", 300)]
    public void A_text_of_an_approval_has_a_longest(string name, int most)
    {
        string Of(int length) =>
            PolicyTexts.Code($"approvals: [{{{name}: {new string('a', length)}}}]");

        Assert.Empty(PolicyTexts.Problems(Of(most)));
        Assert.True(PolicyTexts.SchemaTakes(Of(most)));
        Assert.Equal(
            [$"8:{20 + name.Length} '{name}' is no text of at most {most} characters in one line"],
            PolicyTexts.Problems(Of(most + 1))
        );
        Assert.False(PolicyTexts.SchemaTakes(Of(most + 1)));
    }

    [Fact]
    public void A_model_has_at_most_200_characters()
    {
        string Of(int length) => PolicyTexts.Code("model: " + new string('m', length));

        Assert.Equal(new string('m', 200), PolicyTexts.Read(Of(200)).Lanes[0].Model);
        Assert.Equal(
            ["8:12 'model' is no text of at most 200 characters in one line"],
            PolicyTexts.Problems(Of(201))
        );
        Assert.False(PolicyTexts.SchemaTakes(Of(201)));
    }

    [Fact]
    public void A_lane_has_at_most_a_hundred_approvals()
    {
        string Of(int count) =>
            PolicyTexts.Code(
                $"approvals: [{string.Join(", ", Enumerable.Repeat("{count: 1}", count))}]"
            );

        Assert.Equal(100, PolicyTexts.Read(Of(100)).Lanes[0].Approvals.Count);
        Assert.Equal(
            ["8:16 'approvals' has 101 entries; at most 100 are taken | Use wider patterns."],
            PolicyTexts.Problems(Of(101))
        );
        Assert.False(PolicyTexts.SchemaTakes(Of(101)));
    }

    private static void Takes(string key, string list, string entry, string problem, bool taken)
    {
        var text = PolicyTexts.Code(key);

        Assert.Equal(
            taken
                ? []
                :
                [
                    $"8:{5 + key.IndexOf('\'', StringComparison.Ordinal)} '{PolicySection.Shown(entry)}' under '{list}' {problem}",
                ],
            PolicyTexts.Problems(text)
        );
        Assert.Equal(taken, PolicyTexts.SchemaTakes(text));
    }
}
