using System.Globalization;
using System.Text;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Decisions.Runners;

/// <summary>Reads what git tells of a difference, in its machine form: fields end with NUL, names are raw.</summary>
public static class GitDiffReader
{
    private const string NoMode = "000000";

    /// <summary>Fields of a <c>-z</c> output. Bytes that are no UTF-8 become U+FFFD.</summary>
    public static IReadOnlyList<string> Fields(ReadOnlySpan<byte> output) =>
        Encoding.UTF8.GetString(output).Split('\0', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The changed files of one <c>diff-tree -r --raw --numstat -M -z</c>: all raw records, then all counts.</summary>
    public static IReadOnlyList<FileChange> Files(ReadOnlySpan<byte> output)
    {
        var fields = Fields(output);
        var files = new List<FileChange>();
        // Read in order, name by name: whatever a file is called, it never passes for a record.
        var i = 0;
        while (i < fields.Count && fields[i][0] == ':')
        {
            // ":100644 100755 <old> <new> R100" then one path, or two after a rename or copy
            var parts = fields[i].Split(' ');
            var names =
                parts.Length == 5 && parts[4].Length > 0 && parts[4][0] is 'R' or 'C' ? 2 : 1;
            if (parts.Length != 5 || parts[4].Length == 0 || i + names >= fields.Count)
            {
                return files;
            }
            files.Add(
                new FileChange(
                    fields[i + names],
                    names == 2 ? fields[i + 1] : "",
                    parts[4][..1],
                    0,
                    0,
                    Mode(parts[0][1..]),
                    Mode(parts[1])
                )
            );
            i += names + 1;
        }
        var numbers = Numbers(fields, i);
        return
        [
            .. files.Select(f =>
                numbers.TryGetValue(f.Path, out var n)
                    ? f with
                    {
                        AddedLines = n.Added,
                        DeletedLines = n.Deleted,
                    }
                    : f
            ),
        ];
    }

    private static string Mode(string mode) => mode == NoMode ? "" : mode;

    private static Dictionary<string, (int Added, int Deleted)> Numbers(
        IReadOnlyList<string> fields,
        int first
    )
    {
        var numbers = new Dictionary<string, (int, int)>(StringComparer.Ordinal);
        for (var i = first; i < fields.Count; i++)
        {
            // A path may hold tabs itself: only the first two separate.
            var parts = fields[i].Split('\t', 3);
            if (parts.Length < 3)
            {
                continue;
            }
            // An empty path announces a rename: old and new name follow as fields of their own.
            var path = parts[2];
            if (path.Length == 0 && i + 2 < fields.Count)
            {
                path = fields[i + 2];
                i += 2;
            }
            numbers[path] = (Count(parts[0]), Count(parts[1]));
        }
        return numbers;
    }

    // "-" stands for a binary file.
    private static int Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1;
}
