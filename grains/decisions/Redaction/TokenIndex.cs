namespace Orchestrator.Decisions.Redaction;

/// <summary>Formats by the first two characters of what they begin with, so that a place is held against few of them.</summary>
internal sealed class TokenIndex
{
    private const int Characters = 128;

    // Slot 0 is of those that begin with anything else: none of them.
    private readonly byte[] slots = new byte[Characters * Characters];
    private readonly TokenShape[][] shapes;

    // They begin with a class.
    private readonly TokenShape[] loose;

    /// <param name="all">The formats; those that begin alike are tried in their order.</param>
    public TokenIndex(IEnumerable<TokenShape> all)
    {
        var byStart = all.ToLookup(s => s.Prefix.Length >= 2);
        loose = [.. byStart[false]];
        shapes =
        [
            [],
            .. byStart[true]
                .GroupBy(s => Slot(s.Prefix[0], s.Prefix[1]))
                .Select(g => (TokenShape[])[.. g]),
        ];
        for (var i = 1; i < shapes.Length; i++)
        {
            slots[Slot(shapes[i][0].Prefix[0], shapes[i][0].Prefix[1])] = checked((byte)i);
        }
    }

    /// <summary>Adds the hits that begin at a place.</summary>
    public void Look(ReadOnlySpan<char> text, int at, List<RedactionHit> hits)
    {
        if (text.Length - at < TokenPlaces.RunMin || text[at] >= Characters)
        {
            return;
        }
        if (text[at + 1] < Characters)
        {
            Look(shapes[slots[Slot(text[at], text[at + 1])]], text, at, hits);
        }
        Look(loose, text, at, hits);
    }

    private static void Look(
        TokenShape[] shapes,
        ReadOnlySpan<char> text,
        int at,
        List<RedactionHit> hits
    )
    {
        foreach (var shape in shapes)
        {
            if (shape.End(text, at) is var end and > 0)
            {
                hits.Add(new RedactionHit(at, at, end, shape.Rule));
            }
        }
    }

    private static int Slot(char first, char second) => (first * Characters) + second;
}
