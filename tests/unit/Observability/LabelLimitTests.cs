using CsCheck;
using Orchestrator.Decisions.Observability;
using Xunit;

namespace Orchestrator.UnitTests.Observability;

public sealed class LabelLimitTests
{
    [Fact]
    public void The_first_values_are_kept_and_every_later_one_is_other_for_each_label_by_itself()
    {
        var limit = new LabelLimit(3);
        string Of(string label, string value) => limit.Of(label, value, v => v);

        Assert.Equal(
            ["a", "b", "c", "other", "a", "other"],
            "abcdae".Select(v => Of("host", v.ToString()))
        );
        Assert.Equal("d", Of("model", "d"));
        Assert.Equal("none", Of("model", ""));
    }

    [Fact]
    public void However_many_values_come_there_are_at_most_so_many_and_each_is_short_and_plain() =>
        Gen
            .String.Array[200]
            .Sample(values =>
            {
                var limit = new LabelLimit(10);
                var used = values.Select(v => limit.Of("host", v, t => t)).Distinct().ToList();
                return used.Count <= 12
                    && used.All(u =>
                        u.Length is > 0 and <= 64
                        && u.All(c => char.IsAsciiLetterOrDigit(c) || "._-:/".Contains(c))
                    );
            });

    [Fact]
    public void A_value_is_cleaned_once_and_a_long_one_is_never_kept()
    {
        var limit = new LabelLimit();
        var cleaned = 0;
        string Clean(string value)
        {
            cleaned++;
            return value.Replace("secret", "[x]", StringComparison.Ordinal);
        }

        Assert.Equal("_x_-1", limit.Of("model", "secret-1", Clean));
        Assert.Equal("_x_-1", limit.Of("model", "secret-1", Clean));
        Assert.Equal(1, cleaned);
        Assert.Equal("other", limit.Of("model", new string('a', 65), Clean));
    }
}
