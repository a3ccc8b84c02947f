using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Decisions.Redaction;

/// <summary>A secret that was seen.</summary>
/// <param name="Rule">The rule's name.</param>
/// <param name="Start">Place in the text.</param>
/// <param name="Length">Characters.</param>
public sealed record RedactionFinding(string Rule, int Start, int Length);

/// <summary>
/// The one redactor in front of every sink. Its rules are <see cref="RedactionRules"/>, listed in docs/redaction.md. One
/// pass over the text, each hit of bounded length, so the time is linear; idempotent: what it writes matches none of its
/// rules. Thread-safe.
/// </summary>
public sealed class Redactor
{
    /// <summary>Longest literal that is looked for, characters; of a longer one its first so many.</summary>
    public const int LiteralMax = 4_096;

    /// <summary>Shorter literals are ignored: they would black out ordinary words.</summary>
    public const int LiteralMin = 8;

    // Stands for a literal while the rules look: like the mark it becomes, it is part of no value.
    internal const char Barrier = '\u0001';

    internal const string Literal = "literal";

    internal const string MarkStart = "[redacted:";

    private readonly string[] literals;
    private readonly SearchValues<string> anyLiteral;
    private long taken;

    /// <param name="literals">Values known to be secret, such as the agent's key; shorter than 8 characters are ignored.</param>
    public Redactor(IEnumerable<string> literals)
    {
        this.literals =
        [
            .. literals
                .Where(l => l.Length >= LiteralMin)
                .SelectMany(l => (string[])[l, Escaped(l)])
                .Select(l => l.Length > LiteralMax ? l[..LiteralMax] : l)
                .Where(l => !l.Contains("redacted:", StringComparison.Ordinal))
                .Distinct(StringComparer.Ordinal)
                .OrderByDescending(l => l.Length),
        ];
        anyLiteral = SearchValues.Create(this.literals, StringComparison.Ordinal);
    }

    /// <summary>How many secrets it has taken out of texts so far.</summary>
    public long Taken => Interlocked.Read(ref taken);

    /// <summary>The text without its secrets: <c>[redacted:RULE]</c> stands in their place.</summary>
    public string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var hits = Scan(text, 0, text.Length, -1);
        Count(hits.Count);
        if (hits.Count == 0)
        {
            return text;
        }
        var written = new ArrayBufferWriter<char>(text.Length);
        Write(text, 0, text.Length, hits, written);
        return new string(written.WrittenSpan);
    }

    /// <summary>The secrets of a text, at most <paramref name="max"/>, in order of place.</summary>
    public IReadOnlyList<RedactionFinding> Find(string text, int max)
    {
        ArgumentNullException.ThrowIfNull(text);
        return
        [
            .. Merge(Scan(text, 0, text.Length, -1))
                .Take(max)
                .Select(h => new RedactionFinding(h.Rule, h.Start, h.End - h.Start)),
        ];
    }

    /// <summary>A redactor of text that comes in pieces.</summary>
    public RedactionStream Stream() => new(this);

    /// <summary>Secrets were taken out of a piece of text.</summary>
    internal void Count(int hits)
    {
        if (hits > 0)
        {
            Interlocked.Add(ref taken, hits);
        }
    }

    /// <summary>Every hit whose anchor lies in a range, in order of anchors.</summary>
    /// <param name="text">The text; before and after the range it is only looked at.</param>
    /// <param name="from">Start of the range.</param>
    /// <param name="to">End of the range.</param>
    /// <param name="boundary">A place where a hit ended just before the range, or -1.</param>
    internal List<RedactionHit> Scan(ReadOnlySpan<char> text, int from, int to, int boundary)
    {
        var hits = new List<RedactionHit>();
        var masked = AddLiterals(text, to, hits);
        if (masked is null)
        {
            RedactionRules.Scan(text, from, to, boundary, hits);
            return hits;
        }
        RedactionRules.Scan(masked.AsSpan(0, text.Length), from, to, boundary, hits);
        ArrayPool<char>.Shared.Return(masked, clearArray: true);
        return hits;
    }

    /// <summary>Writes a range of the text with the hits replaced.</summary>
    internal static void Write(
        ReadOnlySpan<char> text,
        int from,
        int to,
        List<RedactionHit> hits,
        IBufferWriter<char> target
    )
    {
        foreach (var hit in Merge(hits))
        {
            target.Write(text[from..hit.Start]);
            target.Write(MarkStart);
            target.Write(hit.Rule);
            target.Write("]");
            from = hit.End;
        }
        target.Write(text[from..to]);
    }

    // Hits may lie in one another, as a token in a URL's password: what overlaps is one secret.
    private static List<RedactionHit> Merge(List<RedactionHit> hits)
    {
        var merged = new List<RedactionHit>(hits.Count);
        foreach (var hit in InOrder(hits) ? hits : [.. hits.OrderBy(h => h.Start)])
        {
            if (merged.Count > 0 && hit.Start < merged[^1].End)
            {
                merged[^1] = merged[^1] with { End = Math.Max(merged[^1].End, hit.End) };
            }
            else
            {
                merged.Add(hit);
            }
        }
        return merged;
    }

    private static bool InOrder(List<RedactionHit> hits)
    {
        for (var i = 1; i < hits.Count; i++)
        {
            if (hits[i].Start < hits[i - 1].Start)
            {
                return false;
            }
        }
        return true;
    }

    // As it stands inside a JSON string.
    private static string Escaped(string literal) =>
        JsonEncodedText.Encode(literal, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    // Null when there is none, else the text with barriers over them. What was given out already holds none any more.
    private char[]? AddLiterals(ReadOnlySpan<char> text, int to, List<RedactionHit> hits)
    {
        char[]? masked = null;
        var at = 0;
        while (text[at..].IndexOfAny(anyLiteral) is var next and >= 0)
        {
            at += next;
            var rest = text[at..];
            var length = 0;
            foreach (var literal in literals)
            {
                if (length == 0 && rest.StartsWith(literal, StringComparison.Ordinal))
                {
                    length = literal.Length;
                }
            }
            if (masked is null)
            {
                masked = ArrayPool<char>.Shared.Rent(text.Length);
                text.CopyTo(masked);
            }
            masked.AsSpan(at, length).Fill(Barrier);
            if (at < to)
            {
                hits.Add(new RedactionHit(at, at, at + length, Literal));
            }
            at += length;
        }
        return masked;
    }
}

/// <summary>A hit of a rule.</summary>
/// <param name="At">Where its anchor stands.</param>
/// <param name="Start">Where the secret starts, at the anchor or after it.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Rule">The rule's name.</param>
internal readonly record struct RedactionHit(int At, int Start, int End, string Rule);
