using System.Globalization;
using Orchestrator.Decisions.Redaction;
using Xunit;

#pragma warning disable CA5394 // chance that can be repeated, not secrets

namespace Orchestrator.UnitTests.Redaction.Corpus;

/// <summary>How many of the published formats are found, and what else is.</summary>
public sealed class TokenCorpusTests(ITestOutputHelper output)
{
    private const int Seed = 20_261_128;
    private const int OfEach = 10;
    private static readonly Redactor Redactor = new([]);
    private static readonly SecretScan Scan = new(Redactor, allowMarked: false);

    public static TheoryData<string> Kinds => [.. TokenKinds.All.Select(k => k.Name)];

    [Fact]
    public void The_corpus_is_as_large_as_is_said()
    {
        Assert.True(TokenKinds.All.Count >= 200, $"{TokenKinds.All.Count} kinds");
        Assert.Equal(TokenKinds.All.Count, TokenKinds.All.Select(k => k.Name).Distinct().Count());
        Assert.All(TokenKinds.All, k => Assert.NotEmpty(k.Source));
        Assert.True(LookAlikes.All(Seed).Count() >= 2_000);
    }

    [Fact]
    public void Of_secrets_in_published_formats_998_of_1000_are_found_whole()
    {
        var (all, redacted, scanned) = (0, 0, 0);
        var missed = new List<string>();
        foreach (var (kind, secret, text) in Positives())
        {
            all++;
            var found = Redactor.Find(text, 10);
            var at = text.IndexOf(secret, StringComparison.Ordinal);
            var whole = found.Any(f => f.Start <= at && f.Start + f.Length >= at + secret.Length);
            redacted += whole ? 1 : 0;
            scanned += whole && Scan.Text("f", text, 10).Count > 0 ? 1 : 0;
            if (!whole)
            {
                missed.Add($"{kind.Name} ({kind.Rule}): {text}");
            }
        }
        output.WriteLine(
            $"{TokenKinds.All.Count} kinds, {all} secrets: {redacted} redacted ({Percent(redacted, all)}), {scanned} reported by a scan ({Percent(scanned, all)})"
        );
        var words = string.Join('\n', missed.Take(40));
        Assert.True(redacted >= all * 0.998, $"{redacted} of {all}:\n{words}");
        Assert.True(scanned >= all * 0.998, $"{scanned} of {all} by the scan");
    }

    [Fact]
    public void A_scan_stops_for_no_look_alike_and_the_redactor_hides_at_most_one_of_five_hundred()
    {
        var (plain, placeholders, redacted, hidden, scanned) = (0, 0, 0, 0, 0);
        var wrong = new List<string>();
        foreach (var (kind, placeholder, text) in LookAlikes.All(Seed))
        {
            var found = Redactor.Find(text, 10);
            var stops = Scan.Text("f", text, 10).Count > 0;
            plain += placeholder ? 0 : 1;
            placeholders += placeholder ? 1 : 0;
            redacted += found.Count > 0 && !placeholder ? 1 : 0;
            hidden += found.Count > 0 && placeholder ? 1 : 0;
            scanned += stops ? 1 : 0;
            if (stops || (found.Count > 0 && !placeholder))
            {
                wrong.Add($"{kind} ({found[0].Rule}): {text}");
            }
        }
        output.WriteLine(
            $"{plain} look-alikes: {redacted} redacted; {placeholders} placeholders: {hidden} redacted; a scan stops for {scanned} of all"
        );
        var words = string.Join('\n', wrong.Take(40));
        Assert.True(scanned == 0, $"a scan stops for {scanned}:\n{words}");
        Assert.True(redacted <= plain / 500, $"{redacted} of {plain} redacted:\n{words}");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_kind_is_found_by_its_rule_and_neither_its_beginning_nor_a_word_that_ends_in_it_is(
        string name
    )
    {
        var kind = TokenKinds.All.Single(k => k.Name == name);
        var chance = new Random(Seed);
        for (var i = 0; i < OfEach; i++)
        {
            var (secret, text) = kind.Example(chance, i);
            var at = text.IndexOf(secret, StringComparison.Ordinal);

            var finding = Redactor.Find(text, 10).FirstOrDefault(f => f.Start <= at);

            Assert.True(finding?.Rule == kind.Rule, $"{finding?.Rule ?? "nothing"} in {text}");
            foreach (var cut in (int[])[at + 1, at + (secret.Length / 2), at + secret.Length])
            {
                var stream = Redactor.Stream();
                var given = stream.Push(text.AsSpan(0, cut)) + stream.Push(text.AsSpan(cut));
                Assert.Equal(Redactor.Redact(text), given + stream.Finish());
            }
            if (kind.Around.Length == 0)
            {
                var beginning = secret[..Math.Min(14, secret.Length / 2)];
                Assert.True(Redactor.Find(beginning, 1).Count == 0, beginning);
                var word = Redactor.Find("x" + secret, 1);
                Assert.True(word.Count == 0 || word[0].Start > 0, "x" + secret);
            }
        }
    }

    private static IEnumerable<(TokenKind Kind, string Secret, string Text)> Positives()
    {
        var chance = new Random(Seed);
        foreach (var kind in TokenKinds.All)
        {
            for (var i = 0; i < OfEach; i++)
            {
                var (secret, text) = kind.Example(chance, i);
                yield return (kind, secret, text);
            }
        }
    }

    private static string Percent(int part, int all) =>
        (100.0 * part / all).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
