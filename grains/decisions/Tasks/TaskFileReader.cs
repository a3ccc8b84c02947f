using System.Text;

namespace Orchestrator.Decisions.Tasks;

/// <summary>
/// Reads a task file: YAML between two lines <c>---</c>, a title, four headed blocks. Only the title line and the four
/// block headings <c>**Target Files:**</c>, <c>**Prompt:**</c>, <c>**Success Criteria:**</c>, <c>**Context:**</c> mean
/// something; every other line belongs to the block it stands in, whatever it looks like.
/// </summary>
public static class TaskFileReader
{
    /// <summary>Largest file, in bytes: 2 MiB.</summary>
    public const int BytesMax = 2 * 1024 * 1024;

    private const string Marker = "---";
    private const int TitleMax = 200;
    private const int TargetsMax = 200;
    private const int CriteriaMax = 50;
    private const int ItemMax = 1_024;

    private static readonly string[] Headings =
    [
        "**Target Files:**",
        "**Prompt:**",
        "**Success Criteria:**",
        "**Context:**",
    ];

    private enum Block
    {
        Targets = 0,
        Prompt = 1,
        Criteria = 2,
        Context = 3,
        None = 4,
    }

    /// <summary>Bytes to text: UTF-8, or UTF-16 with its mark as Windows' own tools write it. Null when it is neither.</summary>
    public static string? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes switch
            {
                [0xFF, 0xFE, ..] => new UnicodeEncoding(false, true, true).GetString(bytes[2..]),
                [0xFE, 0xFF, ..] => new UnicodeEncoding(true, true, true).GetString(bytes[2..]),
                [0xEF, 0xBB, 0xBF, ..] => new UTF8Encoding(false, true).GetString(bytes[3..]),
                _ => new UTF8Encoding(false, true).GetString(bytes),
            };
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>True for names that the watched folder takes: <c>.md</c> at the end, <c>.task.</c> in it, no answer file of ours.</summary>
    public static bool IsTaskFileName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.EndsWith(".md", StringComparison.OrdinalIgnoreCase)
            && name.Contains(".task.", StringComparison.OrdinalIgnoreCase)
            && !name.EndsWith(".error.md", StringComparison.OrdinalIgnoreCase)
            && !name.StartsWith('.');
    }

    /// <summary>Reads bytes as they lie on disk.</summary>
    public static TaskFileReading Read(string fileName, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BytesMax)
        {
            return TooLarge(bytes.Length);
        }
        return Decode(bytes) is { } text
            ? Read(fileName, text)
            : Bad(1, "File is no UTF-8 text", "Save it as UTF-8.");
    }

    /// <summary>Refuses a file by its size alone.</summary>
    public static TaskFileReading TooLarge(long bytes) =>
        Bad(
            1,
            $"File has {bytes} bytes; at most {BytesMax} are read",
            "Shorten the prompt, or name files of the repository instead of quoting them."
        );

    /// <summary>Reads text.</summary>
    /// <param name="fileName">The file's name without a folder; the default id comes from it.</param>
    /// <param name="text">The whole text.</param>
    public static TaskFileReading Read(string fileName, string text)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        ArgumentNullException.ThrowIfNull(text);
        var lines = Lines(text);
        if (lines[0].TrimEnd() != Marker)
        {
            return Bad(
                1,
                "File must start with YAML frontmatter",
                "Write --- on line 1, then 'type: fix' and further keys, then --- again."
            );
        }
        var end = Array.FindIndex(lines, 1, l => l.TrimEnd() == Marker);
        if (end < 0)
        {
            return Bad(
                lines.Length,
                "File must have complete YAML frontmatter",
                "Close the frontmatter with a line --- of its own, before the title."
            );
        }
        var problems = new TaskFileFindings();
        var warnings = new TaskFileFindings();
        var keys = TaskFileKeys.Read(lines[1..end], problems, warnings);
        var body = new Body(lines, end + 1, warnings);
        var file = Make(fileName, keys, body, problems, warnings);
        return new TaskFileReading(problems.None ? file : null, problems.InOrder, warnings.InOrder);
    }

    private static TaskFile Make(
        string fileName,
        TaskFileKeys keys,
        Body body,
        TaskFileFindings problems,
        TaskFileFindings warnings
    )
    {
        var id = keys.Id(NameWithoutMd(fileName), problems);
        var title = body.Title.Length > 0 ? body.Title : "Task " + id;
        if (title.Length > TitleMax)
        {
            warnings.Add(
                body.TitleLine,
                $"The title is cut at {TitleMax} characters",
                "Shorten it."
            );
            title = title[..TitleMax];
        }
        var request = body.Request;
        if (string.IsNullOrWhiteSpace(request))
        {
            problems.Add(
                body.LastLine,
                "The file asks for nothing",
                "Write what is wanted under a line **Prompt:**."
            );
        }
        Limit(problems, body.LineOf(Block.Prompt), "The prompt", request.Length);
        var context = body.Text(Block.Context);
        Limit(problems, body.LineOf(Block.Context), "The context", context.Length);
        return new TaskFile
        {
            Id = id,
            Type = keys.Type(problems),
            Priority = keys.Priority(problems),
            Created = keys.Created(warnings),
            Cwd = keys.Text("cwd", 1_024, problems),
            CwdLine = keys.LineOf("cwd"),
            TimeoutSeconds = keys.Number("timeout_sec", 86_400, problems),
            AgentType = keys.AgentType(problems),
            ParentTaskId = keys.TaskId("parent_task_id", problems),
            BaseBranch = keys.Text("base_branch", 250, problems),
            Remote = keys.Text("remote", 220, problems),
            Tickets = keys.Text("tickets", 2_000, problems)
                .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            Runner = keys.Text("runner", 64, problems),
            Model = keys.Text("model", 200, problems),
            Script = keys.Text("script", TaskFileKeys.CharactersMax, problems),
            MaxTurns = keys.Number("max_turns", 10_000, problems),
            Title = title,
            Request = request,
            Context = context,
            TargetFiles = body.Targets(problems, warnings),
            SuccessCriteria = body.Criteria(problems),
        };
    }

    private static string NameWithoutMd(string fileName) =>
        fileName.EndsWith(".md", StringComparison.OrdinalIgnoreCase) ? fileName[..^3] : fileName;

    private static void Limit(TaskFileFindings problems, int line, string what, int length)
    {
        if (length > SubmissionReader.RequestMax)
        {
            problems.Add(
                line,
                $"{what} has {length} characters; at most {SubmissionReader.RequestMax} are taken",
                "Shorten it, or name files of the repository instead of quoting them."
            );
        }
    }

    private static string[] Lines(string text)
    {
        var whole = text.StartsWith('\uFEFF') ? text[1..] : text;
        return whole.ReplaceLineEndings("\n").Split('\n');
    }

    private static TaskFileReading Bad(int line, string message, string cure) =>
        new(null, [new TaskFileFinding(line, message, cure)], []);

    /// <summary>What stands below the frontmatter.</summary>
    private sealed class Body
    {
        private readonly List<(int Line, string Text)>[] blocks =
        [
            [],
            [],
            [],
            [],
            [],
        ];
        private readonly int[] starts = new int[5];

        public Body(string[] lines, int from, TaskFileFindings warnings)
        {
            LastLine = lines.Length;
            var current = Block.None;
            for (var i = from; i < lines.Length; i++)
            {
                var line = lines[i];
                if (HeadingOf(line) is { } heading)
                {
                    if (starts[(int)heading] == 0)
                    {
                        current = heading;
                        starts[(int)heading] = i + 1;
                        var rest = line[Headings[(int)heading].Length..].Trim();
                        if (rest.Length > 0)
                        {
                            blocks[(int)heading].Add((i + 1, rest));
                        }
                        continue;
                    }
                    warnings.Add(
                        i + 1,
                        $"{Headings[(int)heading]} stands here a second time and is taken as text",
                        "Keep one block of each kind."
                    );
                }
                if (Title.Length == 0 && line.StartsWith("# ", StringComparison.Ordinal))
                {
                    Title = line[2..].Trim();
                    TitleLine = i + 1;
                    if (current == Block.None)
                    {
                        continue;
                    }
                }
                blocks[(int)current].Add((i + 1, line));
            }
        }

        public string Title { get; } = "";

        public int TitleLine { get; }

        public int LastLine { get; }

        /// <summary>The prompt; without that block the text beside the blocks, else the title.</summary>
        public string Request =>
            starts[(int)Block.Prompt] > 0 ? Text(Block.Prompt)
            : Text(Block.None) is { Length: > 0 } free ? free
            : Title;

        public int LineOf(Block block) => Math.Max(1, starts[(int)block]);

        public string Text(Block block)
        {
            var lines = blocks[(int)block].Select(l => l.Text).ToList();
            var first = lines.FindIndex(l => !string.IsNullOrWhiteSpace(l));
            var last = lines.FindLastIndex(l => !string.IsNullOrWhiteSpace(l));
            return first < 0 ? "" : string.Join('\n', lines[first..(last + 1)]);
        }

        public List<string> Targets(TaskFileFindings problems, TaskFileFindings warnings)
        {
            var files = new List<string>();
            foreach (var (line, text) in blocks[(int)Block.Targets])
            {
                if (string.IsNullOrWhiteSpace(text))
                {
                    continue;
                }
                var path = (Item(text) ?? "").Trim('`', ' ').Replace('\\', '/');
                if (path.StartsWith("./", StringComparison.Ordinal))
                {
                    path = path[2..];
                }
                if (SubmissionReader.IsRelative(path))
                {
                    files.Add(path);
                }
                else
                {
                    warnings.Add(
                        line,
                        "This line under **Target Files:** is no relative path and is ignored",
                        "Write '- path/below/the/repository'."
                    );
                }
            }
            Count(problems, Block.Targets, files.Count, TargetsMax);
            return files;
        }

        public List<string> Criteria(TaskFileFindings problems)
        {
            var criteria = new List<string>();
            foreach (var (line, text) in blocks[(int)Block.Criteria])
            {
                if (string.IsNullOrWhiteSpace(text))
                {
                    continue;
                }
                if (Item(text) is { } item)
                {
                    criteria.Add(WithoutBox(item));
                }
                else if (criteria.Count > 0)
                {
                    criteria[^1] += " " + text.Trim();
                }
                else
                {
                    criteria.Add(text.Trim());
                }
                if (criteria[^1].Length > ItemMax)
                {
                    problems.Add(
                        line,
                        $"A criterion has more than {ItemMax} characters",
                        "Shorten it."
                    );
                    break;
                }
            }
            criteria.RemoveAll(c => c.Length == 0);
            Count(problems, Block.Criteria, criteria.Count, CriteriaMax);
            return criteria;
        }

        private void Count(TaskFileFindings problems, Block block, int count, int max)
        {
            if (count > max)
            {
                problems.Add(
                    LineOf(block),
                    $"{Headings[(int)block]} has {count} entries; at most {max} are taken",
                    "Name folders instead of files, or split the task."
                );
            }
        }

        private static Block? HeadingOf(string line)
        {
            for (var i = 0; i < Headings.Length; i++)
            {
                if (line.StartsWith(Headings[i], StringComparison.OrdinalIgnoreCase))
                {
                    return (Block)i;
                }
            }
            return null;
        }

        private static string? Item(string line)
        {
            var text = line.Trim();
            return text is ['-' or '*', ' ' or '\t', ..] ? text[2..].Trim()
                : text is "-" or "*" ? ""
                : null;
        }

        // "[ ] x", "[x] x", "[✓] x": any mark, but not "[link](address)".
        private static string WithoutBox(string item)
        {
            var close = item.StartsWith('[') ? item.IndexOf(']', StringComparison.Ordinal) : -1;
            var boxed =
                close is > 0 and <= 5
                && (close + 1 == item.Length || char.IsWhiteSpace(item[close + 1]));
            return boxed ? item[(close + 1)..].Trim() : item;
        }
    }
}
