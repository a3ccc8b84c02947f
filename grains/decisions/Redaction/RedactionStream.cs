using System.Buffers;

namespace Orchestrator.Decisions.Redaction;

/// <summary>
/// Redacts text that comes in pieces, cut anywhere: what comes out is what <see cref="Redactor.Redact"/> makes of the
/// whole. Holds back at most <see cref="HeldMax"/> characters and what one push adds. Not thread-safe.
/// </summary>
public sealed class RedactionStream
{
    /// <summary>Most characters held back between two pushes.</summary>
    public const int HeldMax = 8 * Ahead;

    // A hit and a literal at its end lie within so many characters of the hit's anchor.
    internal const int Ahead = RedactionRules.HitMax + Redactor.LiteralMax;

    private readonly Redactor redactor;
    private char[] held = new char[4 * Ahead];
    private int length;

    // Already given out, kept for what stands before an anchor.
    private int context;
    private int boundary = -1;

    internal RedactionStream(Redactor redactor) => this.redactor = redactor;

    /// <summary>Takes the next piece; writes what is safe to show by now, often nothing, without garbage where nothing is secret.</summary>
    public void Push(ReadOnlySpan<char> piece, IBufferWriter<char> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (length + piece.Length > held.Length)
        {
            Array.Resize(ref held, Math.Max(length + piece.Length, held.Length * 2));
        }
        piece.CopyTo(held.AsSpan(length));
        length += piece.Length;
        if (length - context >= 2 * Ahead)
        {
            Give(length - Ahead, target);
        }
    }

    /// <summary>The text ended: writes the rest.</summary>
    public void Finish(IBufferWriter<char> target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Give(length, target);
    }

    private void Give(int cut, IBufferWriter<char> target)
    {
        var text = held.AsSpan(0, length);
        var hits = redactor.Scan(text, context, cut, boundary);
        var end = Whole(hits, cut);
        var kept = hits.Where(h => h.At < end).ToList();
        redactor.Count(kept.Count);
        Redactor.Write(text, context, end, kept, target);
        var last = kept.Count == 0 ? boundary : kept.Max(h => h.End);
        var start = Math.Max(0, end - RedactionRules.BehindMax);
        foreach (var hit in kept.Where(h => h.Rule == Redactor.Literal))
        {
            text[hit.Start..hit.End].Fill(Redactor.Barrier);
        }
        text[start..].CopyTo(held);
        boundary = last == end ? end - start : -1;
        length -= start;
        context = end - start;
    }

    // The last place at or before the cut that no hit lies across. A chain of hits longer than what may be held is cut
    // behind its last one instead.
    private int Whole(List<RedactionHit> hits, int cut)
    {
        var end = cut;
        foreach (var hit in hits.OrderByDescending(h => h.At))
        {
            end = hit.At < end && hit.End > end ? hit.At : end;
        }
        return end > context || length - context < HeldMax ? end : hits.Max(h => h.End);
    }
}
