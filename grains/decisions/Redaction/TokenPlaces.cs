using System.Buffers;

namespace Orchestrator.Decisions.Redaction;

/// <summary>
/// Where a token may begin: in a run of at least <see cref="RunMin"/> characters that tokens are made of, at its start or
/// behind a '-', '.' or '~' in it. Such a run covers every <see cref="RunMin"/>th place of a text, so that most text is
/// passed by a look at few of its characters, however many formats there are.
/// </summary>
internal ref struct TokenPlaces
{
    /// <summary>The shortest run, characters.</summary>
    public const int RunMin = 15;

    /// <summary>What tokens are made of.</summary>
    public static readonly SearchValues<char> Characters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~"
    );

    private static readonly bool[] IsOne =
    [
        .. Enumerable.Range(0, 128).Select(c => Characters.Contains((char)c)),
    ];

    private readonly ReadOnlySpan<char> text;
    private readonly int to;
    private int place;
    private int runEnd;

    /// <param name="text">The text.</param>
    /// <param name="from">Where places begin.</param>
    /// <param name="to">Where they end; what lies behind is only looked at.</param>
    public TokenPlaces(ReadOnlySpan<char> text, int from, int to)
    {
        this.text = text;
        this.to = to;
        place = from;
        runEnd = from;
    }

    /// <summary>The next place, or the end of the range.</summary>
    public int Next()
    {
        while (true)
        {
            if (runEnd - place >= RunMin)
            {
                var found = place;
                var mark = text[place..runEnd].IndexOfAny('-', '.', '~');
                place = mark < 0 ? runEnd : place + mark + 1;
                return Math.Min(found, to);
            }
            if (!FindRun())
            {
                return to;
            }
        }
    }

    // Every run so long holds one of these places.
    private bool FindRun()
    {
        var low = runEnd;
        for (var at = low + RunMin - 1; at < text.Length && low < to; at += RunMin)
        {
            if (!Is(text[at]))
            {
                low = at;
                continue;
            }
            var start = at;
            while (start > low && Is(text[start - 1]))
            {
                start--;
            }
            var end = at + 1;
            while (end < text.Length && Is(text[end]))
            {
                end++;
            }
            if (end - start >= RunMin)
            {
                (place, runEnd) = (start, end);
                return start < to;
            }
            low = end;
            at = end - 1;
        }
        return false;
    }

    private static bool Is(char c) => c < 128 && IsOne[c];
}
