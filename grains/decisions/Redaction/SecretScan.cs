using Orchestrator.Decisions.Runners;

namespace Orchestrator.Decisions.Redaction;

/// <summary>Where a secret stands; the secret itself is never kept.</summary>
/// <param name="Path">The file, as it was named or as the patch names it.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters of UTF-16.</param>
/// <param name="Rule">The redactor's rule.</param>
public sealed record ScanFinding(string Path, int Line, int Column, string Rule);

/// <summary>
/// Finds secrets in files and patches, by the redactor's rules. The redactor hides too much rather than too little; a scan
/// stops people, so that it leaves out what <see cref="Placeholders"/> tells for none.
/// </summary>
/// <param name="redactor">The rules, and the literals that are secret whatever they look like.</param>
/// <param name="allowMarked">
/// Whether a line with <see cref="AllowMark"/> in it may hold one. Not for work of somebody who is not trusted: it could
/// write the mark itself.
/// </param>
public sealed class SecretScan(Redactor redactor, bool allowMarked)
{
    /// <summary>On a line, in a comment: what stands here is meant to.</summary>
    public const string AllowMark = "orchestrator:allow-secret";

    /// <summary>The secrets of a text in order of place, at most <paramref name="max"/>.</summary>
    public IReadOnlyList<ScanFinding> Text(string path, string text, int max)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. Findings(path, 1, text).Select(f => f.Finding).Take(max)];
    }

    /// <summary>
    /// The secrets that a patch adds, in order of place, at most <paramref name="max"/>: lines that are added one after the
    /// other are looked at together. What also stands on a line that the patch removes or leaves is not new.
    /// </summary>
    /// <param name="patch">As git or diff writes it, unified. Whatever is none holds nothing.</param>
    /// <param name="max">At most so many.</param>
    public IReadOnlyList<ScanFinding> Patch(ReadOnlyMemory<byte> patch, int max)
    {
        var (added, known) = Split(patch);
        var findings = added.SelectMany(b => Findings(b.Path, b.Line, b.Text)).ToList();
        if (findings.Count == 0)
        {
            return [];
        }
        var old = known
            .SelectMany(b => Findings(b.Path, b.Line, b.Text))
            .Select(f => f.Secret)
            .ToHashSet(StringComparer.Ordinal);
        return [.. findings.Where(f => !old.Contains(f.Secret)).Select(f => f.Finding).Take(max)];
    }

    private IEnumerable<(ScanFinding Finding, string Secret)> Findings(
        string path,
        int firstLine,
        string text
    )
    {
        var line = firstLine;
        var start = 0; // of the line
        foreach (var found in redactor.Find(text, int.MaxValue))
        {
            while (text.IndexOf('\n', start, found.Start - start) is var end and >= 0)
            {
                line++;
                start = end + 1;
            }
            if (!Placeholders.Is(text, found) && !(allowMarked && IsMarked(text, start)))
            {
                yield return (
                    new ScanFinding(path, line, found.Start - start + 1, found.Rule),
                    text.Substring(found.Start, found.Length)
                );
            }
        }
    }

    private static bool IsMarked(string text, int start)
    {
        var end = text.IndexOf('\n', start);
        return text.AsSpan(start, (end < 0 ? text.Length : end) - start)
            .Contains(AllowMark, StringComparison.Ordinal);
    }

    // Lines that follow one another are one text.
    private static (List<Block> Added, List<Block> Known) Split(ReadOnlyMemory<byte> patch)
    {
        List<Block> added = [];
        List<Block> known = [];
        var lines = new List<string>();
        PatchLine first = default;
        foreach (var line in PatchReader.Lines(patch))
        {
            var follows =
                lines.Count > 0
                && line.Sign == first.Sign
                && line.Path == first.Path
                && (
                    line.Sign == '-'
                        ? line.Line == first.Line
                        : line.Line == first.Line + lines.Count
                );
            if (!follows)
            {
                Close();
                first = line;
            }
            lines.Add(line.Text);
        }
        Close();
        return (added, known);

        void Close()
        {
            if (lines.Count > 0)
            {
                (first.Sign == '+' ? added : known).Add(
                    new Block(first.Path, first.Line, string.Join('\n', lines))
                );
                lines.Clear();
            }
        }
    }

    private sealed record Block(string Path, int Line, string Text);
}
