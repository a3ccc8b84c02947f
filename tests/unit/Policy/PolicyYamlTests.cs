using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>A text becomes parts with their places, and what costs more than its length is refused.</summary>
public sealed class PolicyYamlTests
{
    [Fact]
    public void Every_part_has_its_line_and_column_and_a_text_says_whether_it_was_quoted()
    {
        var (root, problems) = Read("# words\na: 1\nb:\n  - x\n  - 'y'\nc: {d: \"\", e: }\n");

        Assert.Empty(problems);
        Assert.Equal(
            "{2:1 a(2:1)=1(2:4); b(3:1)=[4:3 x(4:5), 'y'(5:5)]; c(6:1)={6:4 d(6:5)=''(6:8); e(6:12)=(6:15)}}",
            Shown(root!)
        );
    }

    [Theory]
    [InlineData(49_999, true)]
    [InlineData(50_000, false)]
    public void A_text_has_at_most_50000_values(int items, bool taken)
    {
        var text = $"[{string.Join(",", Enumerable.Repeat("a", items))}]";
        var (root, problems) = Read(text);

        Assert.Equal(taken, root is not null);
        Assert.Equal(
            taken
                ? []
                : [new PolicyProblem(1, 100_000, "More than 50000 values", "Shorten the policy.")],
            problems
        );
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(401, false)]
    public void A_key_is_a_short_text(int length, bool taken)
    {
        var (root, problems) = Read($"{new string('k', length)}: x\n");

        Assert.Equal(taken ? 1 : 0, ((YamlPart.Entries)root!).Parts.Count);
        Assert.Equal(
            taken ? [] : [new PolicyProblem(1, 1, "A key is a short text", "Write 'key: value'.")],
            problems
        );
    }

    [Theory]
    [InlineData("a: [b")]
    [InlineData("a: 'b")]
    [InlineData("a: b: c")]
    [InlineData("a: b\n\tc: d")]
    public void What_is_no_YAML_is_told_in_one_line_with_a_cure(string text)
    {
        var (root, problems) = Read(text);
        var problem = Assert.Single(problems);

        Assert.Null(root);
        Assert.StartsWith("This is no valid YAML", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(problem.Message, char.IsControl);
        Assert.NotEqual('.', problem.Message[^1]);
        Assert.Contains(
            problem.Cure,
            (string[])
                [
                    "Check the indentation and quotes before this place.",
                    "Close what was opened, and save it as UTF-8 text.",
                ]
        );
    }

    private static (YamlPart? Root, IReadOnlyList<PolicyProblem> Problems) Read(string text)
    {
        var problems = new PolicyProblems();
        var root = new PolicyYaml(problems).Read(text);
        Assert.Equal(problems.InOrder.Count == 0, problems.None);
        return (root, problems.InOrder);
    }

    private static string Shown(YamlPart part) =>
        part switch
        {
            YamlPart.Entries map =>
                $"{{{part.Line}:{part.Column} {string.Join("; ", map.Parts.Select(e => $"{Shown(e.Key)}={Shown(e.Value)}"))}}}",
            YamlPart.Items items =>
                $"[{part.Line}:{part.Column} {string.Join(", ", items.Parts.Select(Shown))}]",
            YamlPart.Text { Plain: true } text => $"{text.Value}({part.Line}:{part.Column})",
            YamlPart.Text text => $"'{text.Value}'({part.Line}:{part.Column})",
            _ => "",
        };
}
