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

    /// <summary>The changed files of <c>diff-tree -r --raw -M -z</c>, with the line counts of <c>--numstat -M -z</c>.</summary>
    public static IReadOnlyList<FileChange> Files(
        ReadOnlySpan<byte> raw,
        ReadOnlySpan<byte> numstat
    )
    {
        var fields = Fields(raw);
        var numbers = Numbers(Fields(numstat));
        var files = new List<FileChange>();
        for (var i = 0; i < fields.Count; i++)
        {
            // ":100644 100755 <old> <new> R100" then one path, or two after a rename or copy
            var parts = fields[i].Split(' ');
            if (parts.Length != 5 || parts[0].Length < 2 || parts[4].Length == 0)
            {
                continue;
            }
            var status = parts[4][..1];
            var names = status is "R" or "C" ? 2 : 1;
            if (i + names >= fields.Count)
            {
                break;
            }
            var old = names == 2 ? fields[i + 1] : "";
            var path = fields[i + names];
            i += names;
            var (added, deleted) = numbers.GetValueOrDefault(path);
            files.Add(
                new FileChange(
                    path,
                    old,
                    status,
                    added,
                    deleted,
                    Mode(parts[0][1..]),
                    Mode(parts[1])
                )
            );
        }
        return files;
    }

    private static string Mode(string mode) => mode == NoMode ? "" : mode;

    private static Dictionary<string, (int Added, int Deleted)> Numbers(
        IReadOnlyList<string> fields
    )
    {
        var numbers = new Dictionary<string, (int, int)>(StringComparer.Ordinal);
        for (var i = 0; i < fields.Count; i++)
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
