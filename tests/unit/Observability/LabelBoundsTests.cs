using Orchestrator.Decisions.Observability;
using Xunit;

namespace Orchestrator.UnitTests.Observability;

/// <summary>A label's value is kept up to 64 characters and up to the 48th, and holds only what is plain.</summary>
public sealed class LabelBoundsTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(63, false)]
    [InlineData(64, false)]
    [InlineData(65, true)]
    public void A_value_of_at_most_64_characters_is_kept(int length, bool isOther)
    {
        var value = new string('a', length);

        Assert.Equal(
            isOther ? LabelLimit.Other : value,
            new LabelLimit().Of("host", value, v => v)
        );
    }

    [Fact]
    public void The_48th_value_is_kept_and_the_next_is_other()
    {
        var limit = new LabelLimit();

        for (var i = 1; i <= 48; i++)
        {
            Assert.Equal($"h{i}", limit.Of("host", $"h{i}", v => v));
        }
        Assert.Equal("other", limit.Of("host", "h49", v => v));
    }

    [Fact]
    public void What_a_cleaner_makes_longer_is_cut() =>
        Assert.Equal(
            new string('x', 64),
            new LabelLimit().Of("host", "secret", _ => new string('x', 65))
        );

    [Theory]
    [InlineData("azAZ09", "azAZ09")]
    [InlineData("a.b_c-d:e/f", "a.b_c-d:e/f")]
    [InlineData("a b\n", "a_b_")]
    [InlineData("@[`{,;", "______")]
    [InlineData("é", "_")]
    [InlineData("٣", "_")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Only_letters_digits_and_five_signs_are_plain(string? value, string expected) =>
        Assert.Equal(expected, LabelLimit.Plain(value!));

    [Theory]
    [InlineData(63, 63)]
    [InlineData(64, 64)]
    [InlineData(65, 64)]
    public void What_is_plain_is_at_most_64_characters(int length, int expected) =>
        Assert.Equal(new string('a', expected), LabelLimit.Plain(new string('a', length)));

    [Theory]
    [InlineData(MetricKind.Gauge, "", "a_b_c")]
    [InlineData(MetricKind.Gauge, "{task}", "a_b_c")]
    [InlineData(MetricKind.Gauge, "By", "a_b_c_bytes")]
    [InlineData(MetricKind.Histogram, "s", "a_b_c_seconds")]
    [InlineData(MetricKind.Counter, "", "a_b_c_total")]
    [InlineData(MetricKind.Counter, "USD", "a_b_c_USD_total")]
    [InlineData(MetricKind.Total, "{report}", "a_b_c_total")]
    public void A_name_for_Prometheus_is_made_of_name_unit_and_kind(
        MetricKind kind,
        string unit,
        string expected
    ) => Assert.Equal(expected, new Metric("a.b_c", kind, unit, "Words.").PrometheusName);

    [Fact]
    public void A_measurement_is_told_with_its_labels_names_or_without_any()
    {
        var plain = new Metric("a.b", MetricKind.Counter, "{x}", "Words.");

        Assert.Equal(("", 0), (plain.Labels, plain.Buckets.Count));
        Assert.Equal("a.b{} 0.5", new Measurement(plain, 0.5).ToString());
        Assert.Equal(
            "a.b{one=1 two=2} 7",
            new Measurement(plain with { Labels = "one two" }, 7, "1", "2").ToString()
        );
    }
}
