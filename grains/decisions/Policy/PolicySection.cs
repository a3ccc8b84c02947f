using System.Globalization;

namespace Orchestrator.Decisions.Policy;

/// <summary>
/// A mapping of the policy with known keys. Each of its readers reports what does not fit and goes on with the default, so
/// that one reading finds all problems.
/// </summary>
internal sealed class PolicySection
{
    private const int ItemsMax = 1_000;

    private readonly Dictionary<string, (YamlPart.Text Key, YamlPart Value)> entries = new(
        StringComparer.Ordinal
    );
    private readonly PolicyProblems problems;

    /// <param name="part">The mapping.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="known">Its keys.</param>
    /// <param name="problems">Where findings go.</param>
    public PolicySection(YamlPart? part, string name, string[] known, PolicyProblems problems)
    {
        Part = part;
        this.problems = problems;
        if (part is null or YamlPart.Text { Value: "", Plain: true })
        {
            return;
        }
        if (part is not YamlPart.Entries map)
        {
            problems.Add(
                part,
                $"{name} is no mapping",
                $"Write its keys below it: {string.Join(", ", known)}."
            );
            return;
        }
        foreach (var (key, value) in map.Parts)
        {
            if (!known.Contains(key.Value, StringComparer.Ordinal))
            {
                problems.Add(
                    key,
                    $"{name} has no key '{Shown(key.Value)}'",
                    NearestName.Hint(key.Value, known)
                );
            }
            else if (!entries.TryAdd(key.Value, (key, value)))
            {
                problems.Add(
                    key,
                    $"'{key.Value}' stands here a second time, first in line {entries[key.Value].Key.Line}",
                    "Keep one of them."
                );
            }
        }
    }

    /// <summary>The mapping itself; null when it is not there.</summary>
    public YamlPart? Part { get; }

    /// <summary>The value of a key; null when it is not said.</summary>
    public YamlPart? this[string key] =>
        entries.TryGetValue(key, out var found)
        && found.Value is not YamlPart.Text { Value: "", Plain: true }
            ? found.Value
            : null;

    /// <summary>True when the key stands there, be it without a value.</summary>
    public bool Has(string key) => entries.ContainsKey(key);

    /// <summary>The line of a key, or of the section when it is not there.</summary>
    public int LineOf(string key) =>
        entries.TryGetValue(key, out var found) ? found.Key.Line : Part?.Line ?? 1;

    /// <summary>The key's own part, for messages.</summary>
    public YamlPart At(string key) =>
        entries.TryGetValue(key, out var found)
            ? found.Key
            : Part ?? new YamlPart.Text(1, 1, "", true);

    /// <summary>A short text without control characters; empty when it is not said.</summary>
    public string Text(string key, int charactersMax)
    {
        if (this[key] is not { } part)
        {
            return "";
        }
        if (
            part is YamlPart.Text text
            && text.Value.Length <= charactersMax
            && !text.Value.Any(char.IsControl)
        )
        {
            return text.Value;
        }
        problems.Add(
            part,
            $"'{key}' is no text of at most {charactersMax} characters in one line",
            ""
        );
        return "";
    }

    /// <summary>A whole number in a range; null when it is not said.</summary>
    public int? Number(string key, int min, int max)
    {
        if (this[key] is not { } part)
        {
            return null;
        }
        if (
            part is YamlPart.Text { Plain: true } text
            && int.TryParse(
                text.Value,
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var number
            )
            && number >= min
            && number <= max
        )
        {
            return number;
        }
        problems.Add(part, $"'{key}' is no whole number of {min} to {max}", "");
        return null;
    }

    /// <summary>US dollars; 0 when they are not said.</summary>
    public decimal Money(string key)
    {
        if (this[key] is not { } part)
        {
            return 0;
        }
        if (
            part is YamlPart.Text { Plain: true } text
            && decimal.TryParse(
                text.Value,
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var money
            )
            && money is > 0 and <= 1_000_000
        )
        {
            return money;
        }
        problems.Add(
            part,
            $"'{key}' is no amount of US dollars above 0 up to 1000000",
            "Write a number such as 2.50."
        );
        return 0;
    }

    /// <summary><c>true</c> or <c>false</c>; null when it is not said.</summary>
    public bool? Flag(string key)
    {
        switch (this[key])
        {
            case null:
                return null;
            case YamlPart.Text { Plain: true, Value: "true" }:
                return true;
            case YamlPart.Text { Plain: true, Value: "false" }:
                return false;
            case { } part:
                problems.Add(part, $"'{key}' is neither true nor false", "Write true or false.");
                return null;
        }
    }

    /// <summary>One of some words; the default of the type when it is not said.</summary>
    public T? Choice<T>(string key, IReadOnlyList<(string Name, T Value)> choices) =>
        this[key] is { } part ? Choose(part, $"'{key}'", choices) : default;

    /// <summary>The word's value; the default with a problem when it is none of them.</summary>
    public T? Choose<T>(YamlPart part, string what, IReadOnlyList<(string Name, T Value)> choices)
    {
        var text = (part as YamlPart.Text)?.Value;
        foreach (var (name, value) in choices)
        {
            if (name == text)
            {
                return value;
            }
        }
        problems.Add(
            part,
            text is null ? $"{what} is no single word" : $"{what} cannot be '{Shown(text)}'",
            NearestName.Hint(text ?? "", [.. choices.Select(c => c.Name).Distinct()])
        );
        return default;
    }

    /// <summary>The entries of a list; a single text is a list of one.</summary>
    public IReadOnlyList<YamlPart> List(string key, int max = ItemsMax)
    {
        if (this[key] is not { } part)
        {
            return [];
        }
        if (part is not YamlPart.Items items)
        {
            if (part is YamlPart.Text)
            {
                return [part];
            }
            problems.Add(
                part,
                $"'{key}' is no list",
                "Write [one, two], or each below it after '- '."
            );
            return [];
        }
        if (items.Parts.Count > max)
        {
            problems.Add(
                part,
                $"'{key}' has {items.Parts.Count} entries; at most {max} are taken",
                "Use wider patterns."
            );
            return [];
        }
        return items.Parts;
    }

    /// <summary>The texts of a list, each read by a reader that says what is wrong with it.</summary>
    public IReadOnlyList<T> Each<T>(string key, Reading<T> read)
        where T : class
    {
        var made = new List<T>();
        foreach (var part in List(key))
        {
            if (part is not YamlPart.Text text)
            {
                problems.Add(part, $"An entry of '{key}' is no text", "");
            }
            else if (read(text.Value, text.Line, out var problem) is { } value)
            {
                made.Add(value);
            }
            else
            {
                problems.Add(part, $"'{Shown(text.Value)}' under '{key}' {problem}", "");
            }
        }
        return made;
    }

    /// <summary>Short texts without control characters.</summary>
    public IReadOnlyList<string> Texts(string key, int charactersMax = 200) =>
        Each(
            key,
            (string text, int _, out string problem) => Short(text, charactersMax, out problem)
        );

    /// <summary>Patterns of paths.</summary>
    public IReadOnlyList<LinedGlob> Globs(string key) =>
        Each(
            key,
            static (string text, int line, out string problem) =>
                PathGlob.Read(text, out problem) is { } glob ? new LinedGlob(glob, line) : null
        );

    /// <summary>A text for a message: short, in one line.</summary>
    public static string Shown(string text)
    {
        var line = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
        return line.Length > 80 ? line[..80] + "…" : line;
    }

    private static string? Short(string text, int charactersMax, out string problem)
    {
        problem =
            text.Length == 0 || text.Length > charactersMax || text.Any(char.IsControl)
                ? $"is no text of 1 to {charactersMax} characters in one line"
                : "";
        return problem.Length == 0 ? text : null;
    }

    /// <summary>Reads an entry; null with the problem, which follows the entry's text in a sentence.</summary>
    public delegate T? Reading<T>(string text, int line, out string problem)
        where T : class;
}

/// <summary>Which known name somebody may have meant.</summary>
internal static class NearestName
{
    /// <summary>The sentence with the nearest name, or with all of them.</summary>
    public static string Hint(string name, IReadOnlyCollection<string> known)
    {
        var (nearest, distance) = ("", int.MaxValue);
        foreach (var candidate in known)
        {
            var far = Distance(name, candidate);
            if (far < distance)
            {
                (nearest, distance) = (candidate, far);
            }
        }
        return distance <= Math.Max(1, nearest.Length / 3) ? $"Did you mean '{nearest}'?"
            : known.Count is > 0 and <= 40 ? $"Known: {string.Join(", ", known)}."
            : "";
    }

    // Letters to change, add, drop or swap with their neighbour. Long texts are far from everything.
    private static int Distance(string one, string other)
    {
        if (one.Length > 80 || other.Length > 80)
        {
            return int.MaxValue;
        }
        int[] before = [];
        int[] last = [.. Enumerable.Range(0, other.Length + 1)];
        for (var i = 1; i <= one.Length; i++)
        {
            var row = new int[other.Length + 1];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var same = one[i - 1] == other[j - 1] ? 0 : 1;
                row[j] = Math.Min(last[j - 1] + same, 1 + Math.Min(last[j], row[j - 1]));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }
            (before, last) = (last, row);
        }
        return last[^1];
    }
}
