using System.Text.Json;
using Orchestrator.Decisions.Policy;

namespace Orchestrator.Decisions.Runners;

/// <summary>
/// Judges one tool call of the agent before it is made, from what the Claude Code CLI 2.1.330 tells its PreToolUse hooks.
/// What it cannot read it denies. Where it does not object, the permission rules decide; it grants nothing but the very
/// command lines that people allowed, which no rule names.
/// </summary>
public static class ToolGuard
{
    /// <summary>Largest call that is read, bytes.</summary>
    public const int CallBytesMax = 32 * 1024 * 1024;

    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 64 };
    private static readonly string[] Reading = ["Read", "Glob", "Grep"];
    private static readonly string[] Writing = ["Edit", "Write", "NotebookEdit"];

    /// <summary>What becomes of the call.</summary>
    /// <param name="order">What is held.</param>
    /// <param name="call">The hook's input.</param>
    /// <param name="real">Resolves the links of a full path; parts that are not there stay as they are.</param>
    public static ToolVerdict Judge(
        GuardOrder order,
        ReadOnlyMemory<byte> call,
        Func<string, string> real
    )
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(real);
        if (call.Length > CallBytesMax)
        {
            return ToolVerdict.Deny("The call is too long to be judged.");
        }
        try
        {
            using var document = JsonDocument.Parse(call, Json);
            return Of(order, document.RootElement, real);
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or InvalidOperationException
                        or ArgumentException
                        or IOException
                        or UnauthorizedAccessException
                        or NotSupportedException
            )
        {
            return ToolVerdict.Deny("The call cannot be read, and what cannot be read is denied.");
        }
    }

    private static ToolVerdict Of(GuardOrder order, JsonElement call, Func<string, string> real)
    {
        var tool = Text(call, "tool_name");
        var cwd = Text(call, "cwd");
        if (
            Text(call, "hook_event_name") != "PreToolUse"
            || tool is not { Length: > 0 }
            || cwd is null
            || !Path.IsPathFullyQualified(cwd)
            || !call.TryGetProperty("tool_input", out var input)
            || input.ValueKind != JsonValueKind.Object
        )
        {
            return ToolVerdict.Deny("The call is none that this guard knows.");
        }
        if (!order.Tools.Contains(tool, StringComparer.Ordinal))
        {
            return ToolVerdict.Deny($"{tool} is no tool of lane {order.Lane}.");
        }
        var places = new GuardedPlaces(order, cwd, real);
        if (tool == "Bash")
        {
            return Text(input, "command") is { } command
                ? CommandGuard.Judge(order, places, command)
                : ToolVerdict.Deny("The command cannot be read.");
        }
        return ToolVerdict.Deny(OfFile(places, tool, input));
    }

    private static string OfFile(GuardedPlaces places, string tool, JsonElement input)
    {
        var path = Text(input, "file_path") ?? Text(input, "notebook_path");
        if (Writing.Contains(tool))
        {
            return path is null ? "The call names no file." : places.Writing(path);
        }
        if (!Reading.Contains(tool))
        {
            // A tool that the policy names and this guard does not know: a file that it names may be one that it writes.
            return path is null ? "" : places.Writing(path);
        }
        foreach (var read in (string?[])[path, Text(input, "path"), Fixed(Text(input, "pattern"))])
        {
            var denial = read is null ? "" : places.Reading(read);
            if (denial.Length > 0)
            {
                return denial;
            }
        }
        return "";

        // Of Glob's pattern the folder that it begins at, where it leaves the working directory. Grep's is no path.
        string? Fixed(string? pattern) =>
            tool == "Glob" && pattern is not null && GuardedPlaces.Leaves(pattern)
                ? GuardedPlaces.BeforeWildcards(pattern)
                : null;
    }

    // Null when it is not there or no string: a call whose member is of another kind is refused where it matters.
    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty(name, out var value)
        && value.ValueKind != JsonValueKind.Null
            ? value.GetString()
            : null;
}

/// <summary>Paths of tool calls, by the worktree and the lane.</summary>
internal sealed class GuardedPlaces(GuardOrder order, string cwd, Func<string, string> real)
{
    // Never the agent's to write, whatever the lane, and wherever a git folder lies.
    private static readonly PathGlob[] Always =
    [
        .. AgentRights.Protected.Select(p => PathGlob.Read(p, out _)!),
    ];

    private static readonly StringComparison Case = OperatingSystem.IsWindows()
        ? StringComparison.OrdinalIgnoreCase
        : StringComparison.Ordinal;

    private string folder = cwd;

    /// <summary>Where what follows runs, relative to the worktree; empty = the worktree, null = elsewhere.</summary>
    public string? Folder => Below(order.Worktree, folder) ?? Below(order.Worktree, real(folder));

    /// <summary>Empty, or why the file may not be written.</summary>
    public string Writing(string path)
    {
        var full = Full(path);
        foreach (var place in new[] { full, real(full) }.Distinct())
        {
            if (Below(order.Worktree, place) is not { Length: > 0 } relative)
            {
                return $"{Shown(path)} is not in the worktree.";
            }
            if (Guarded(relative) is { Length: > 0 } denial)
            {
                return denial;
            }
        }
        return LaneViolation([Below(order.Worktree, full)!, Below(order.Worktree, real(full))!]);
    }

    /// <summary>Empty, or why the file may not be read.</summary>
    public string Reading(string path)
    {
        var full = Full(path);
        return new[] { full, real(full) }.All(MayBeRead)
            ? ""
            : $"{Shown(path)} is not in the worktree.";
    }

    /// <summary>Empty, or why a command that may change it must not name it.</summary>
    public string Naming(string word)
    {
        var full = Full(word);
        foreach (var place in new[] { full, real(full) }.Distinct())
        {
            if (
                Below(order.Worktree, place) is { Length: > 0 } relative
                && Guarded(relative) is { Length: > 0 } denial
            )
            {
                return denial;
            }
        }
        return "";
    }

    /// <summary>What follows runs in that folder.</summary>
    public void Enter(string path) => folder = Full(path);

    /// <summary>True for a path that begins elsewhere or climbs.</summary>
    public static bool Leaves(string path) =>
        path.StartsWith('~')
        || RepositoryPath.IsAbsolute(path)
        || path.Split('/', '\\').Contains("..");

    /// <summary>The folder that a pattern begins at.</summary>
    public static string BeforeWildcards(string pattern)
    {
        var wild = pattern.AsSpan().IndexOfAny("*?[{");
        if (wild < 0)
        {
            return pattern;
        }
        // "/e*" begins at "/", and "../*/.." climbs again.
        var end = pattern.LastIndexOfAny(['/', '\\'], wild);
        return pattern.IndexOf("..", wild, StringComparison.Ordinal) >= 0
            ? "~"
            : pattern[..(end + 1)];
    }

    private bool MayBeRead(string place) =>
        Below(order.Worktree, place) is not null
        || order.Readable.Any(f =>
            Below(f, place) is not null || Below(real(f), place) is not null
        );

    private string Guarded(string relative)
    {
        var key = RepositoryPath.Of(relative).Key;
        return Array.Exists(Always, g => g.Matches(key))
                ? $"{Shown(relative)} is never the agent's to change."
            : order.Protected.Count == 0 ? ""
            : LaneGuard.Violation(order.Rights() with { Paths = [] }, [relative]);
    }

    private string LaneViolation(string[] relative) =>
        LaneGuard.Violation(order.Rights(), relative);

    // A tilde is somebody's home: a folder that is in no worktree.
    private string Full(string path) =>
        path.StartsWith('~')
            ? Path.GetFullPath(Path.Combine(Path.GetPathRoot(order.Worktree)!, path))
            : Path.GetFullPath(path, folder);

    // Null = not below it; empty = the folder itself.
    private static string? Below(string root, string place)
    {
        var trimmed = root.TrimEnd(Path.DirectorySeparatorChar);
        return place.Equals(trimmed, Case)
            || place.TrimEnd(Path.DirectorySeparatorChar).Equals(trimmed, Case)
                ? ""
            : place.StartsWith(trimmed + Path.DirectorySeparatorChar, Case)
                ? place[(trimmed.Length + 1)..].Replace(Path.DirectorySeparatorChar, '/')
            : null;
    }

    private static string Shown(string path) => RepositoryPath.Of(path).Shown;
}
