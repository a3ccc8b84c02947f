using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Orchestrator.Decisions.Redaction;
using Orchestrator.UnitTests.House;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

public sealed partial class RedactorTests
{
    private static readonly Redactor Redactor = new(["the-literal-secret"]);

    public static TheoryData<string, string, string> Secrets => RedactionCorpus.Secrets;

    public static TheoryData<string> Ordinary => RedactionCorpus.Ordinary;

    [Theory]
    [MemberData(nameof(Secrets))]
    public void D24_A_planted_secret_is_gone_and_its_mark_names_the_rule(
        string rule,
        string around,
        string secret
    )
    {
        var text = around.Replace("@@", secret, StringComparison.Ordinal);

        var once = Redactor.Redact(text);

        Assert.Equal(around.Replace("@@", $"[redacted:{rule}]", StringComparison.Ordinal), once);
        Assert.Equal(once, Redactor.Redact(once));
        var found = Assert.Single(Redactor.Find(text, 10));
        Assert.Equal((rule, secret), (found.Rule, text.Substring(found.Start, found.Length)));
    }

    [Theory]
    [MemberData(nameof(Ordinary))]
    public void Ordinary_text_stays_as_it_is(string text)
    {
        Assert.Same(text, Redactor.Redact(text));
        Assert.Empty(Redactor.Find(text, 10));
    }

    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_secret_inside_a_JSON_string_is_gone_too(string rule, string around, string secret)
    {
        var text = around.Replace("@@", secret, StringComparison.Ordinal);
        var line = "{\"text\":\"" + Encode(text) + "\"}";

        var redacted = Redactor.Redact(line);

        Assert.Contains($"[redacted:{rule}]", redacted, StringComparison.Ordinal);
        Assert.DoesNotContain(Encode(secret), redacted, StringComparison.Ordinal);
        using var _ = JsonDocument.Parse(redacted);
    }

    [Fact]
    public void Every_rule_has_an_example_and_stands_on_the_page()
    {
        var rules = RedactionCorpus
            .Secrets.Select(s => s.Data.Item1)
            .Concat(Corpus.TokenKinds.All.Select(k => k.Rule))
            .Distinct()
            .Order()
            .ToList();
        var page = Repository.Read("docs/redaction.md");

        Assert.Equal(
            rules,
            RuleOnPage().Matches(page).Select(m => m.Groups[1].Value).Distinct().Order()
        );
        Assert.Equal(rules, RedactionRules.Names.Append("literal").Distinct().Order());
    }

    [Fact]
    public void Two_secrets_in_one_another_are_one_and_the_outer_is_named() =>
        Assert.Equal(
            "https://u:[redacted:url-password]@h and [redacted:literal] and [redacted:bearer]",
            Redactor
                .Redact(
                    "https://u:ghp_"
                        + new string('a', 36)
                        + "@h and the-literal-secret and "
                        + "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_X"
                )
                .Replace("Bearer [", "[", StringComparison.Ordinal)
        );

    [Fact]
    public void Find_says_where_and_no_more_than_asked()
    {
        var text = "a AKIA" + "ABCDEFGHIJKLMNOP b AKIA" + "ABCDEFGHIJKLMNOQ the-literal-secret";

        Assert.Equal(
            [new RedactionFinding("aws-key", 2, 20), new RedactionFinding("aws-key", 25, 20)],
            Redactor.Find(text, 2)
        );
        Assert.Equal(new RedactionFinding("literal", 46, 18), Redactor.Find(text, 3)[2]);
        Assert.Empty(Redactor.Find(text, 0));
    }

    [Fact]
    public void A_literal_shorter_than_eight_is_ignored_and_the_longer_of_two_is_taken()
    {
        var redactor = new Redactor(["short77", "exactly8", "prefix-12", "prefix-12-longer"]);

        Assert.Equal(
            "short77 [redacted:literal] [redacted:literal] [redacted:literal]!",
            redactor.Redact("short77 exactly8 prefix-12 prefix-12-longer!")
        );
    }

    [Fact]
    public void A_literal_over_the_limit_is_known_by_its_first_part_and_a_mark_is_no_literal()
    {
        var secret = string.Concat(Enumerable.Range(0, 1_000).Select(i => $"part{i:000};"));
        var redactor = new Redactor([secret, "[redacted:literal]"]);

        Assert.StartsWith(
            "[redacted:literal]",
            redactor.Redact(secret[..Redactor.LiteralMax] + "tail"),
            StringComparison.Ordinal
        );
        Assert.Equal("[redacted:literal]", redactor.Redact("[redacted:literal]"));
    }

    [Fact]
    public void Two_secrets_side_by_side_are_two_marks_and_what_overlaps_is_one()
    {
        var redactor = new Redactor(["first-secret", "second-secret"]);
        var part = "eyJ" + "hbGciOiJ9";

        Assert.Equal(
            "[redacted:literal][redacted:literal]",
            redactor.Redact("first-secretsecond-secret")
        );
        // Each part begins a token that ends later than the one before.
        Assert.Equal(
            "x [redacted:jwt] y",
            redactor.Redact($"x {part}.{part}.{part}.{part}.{part} y")
        );
    }

    [Fact]
    public void Redacting_is_idempotent_for_any_text() =>
        RedactionCorpus.Text.Sample(
            text =>
            {
                var once = Redactor.Redact(text);
                Assert.Equal(once, Redactor.Redact(once));
            },
            iter: 10_000
        );

    [Fact]
    public void What_is_no_secret_stays_where_it_was() =>
        RedactionCorpus.Text.Sample(
            text =>
            {
                var left = text;
                foreach (var finding in Redactor.Find(text, int.MaxValue).Reverse())
                {
                    left =
                        left[..finding.Start]
                        + $"[redacted:{finding.Rule}]"
                        + left[(finding.Start + finding.Length)..];
                }
                Assert.Equal(left, Redactor.Redact(text));
            },
            iter: 5_000
        );

    [Fact]
    public async Task Text_made_of_anchors_alone_is_redacted_without_hanging()
    {
        foreach (
            var anchor in (string[])
                [
                    "token",
                    "token=a1",
                    "://",
                    "-----BEGIN PRIVATE KEY-----",
                    "eyJ.",
                    ":AA",
                    "Bearer ",
                ]
        )
        {
            var text = new StringBuilder().Insert(0, anchor, 200_000 / anchor.Length).ToString();
            // Quadratic work would take hours.
            await Task.Run(() => Redactor.Redact(text)).WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    private static string Encode(string text) =>
        JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    [GeneratedRegex("^\\| `([a-z0-9-]+)` \\|", RegexOptions.Multiline)]
    private static partial Regex RuleOnPage();
}
