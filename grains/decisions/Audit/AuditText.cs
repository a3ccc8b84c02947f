using System.Globalization;
using System.Text;
using System.Text.Json;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Decisions.Audit;

/// <summary>
/// Stored bytes of a fact in an auditor's words. It reads the JSON and no type, so that kinds of facts that this build has
/// never heard of, and members that were added later, show all the same.
/// </summary>
public static class AuditText
{
    /// <summary>Most characters of <see cref="AuditEntry.What"/>.</summary>
    public const int WhatMax = 400;

    private const int ValueMax = 80;
    private const int DepthMax = 4;
    private const int ItemsMax = 3;

    // The first of these that a fact has says who asked for it.
    private static readonly string[] People = ["by", "requester"];
    private static readonly string[] Doors = ["source", "channel"];
    private static readonly string[] Words = ["spec", "reply"];

    /// <summary>Instant and kind as they stand in the bytes; empty where they cannot be read.</summary>
    public static (string At, string Kind) Of(ReadOnlySpan<byte> stored)
    {
        try
        {
            var reader = new Utf8JsonReader(stored);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? (
                    Text(root, "at"),
                    root.TryGetProperty("fact", out var fact)
                    && fact.ValueKind == JsonValueKind.Object
                        ? Text(fact, "fact")
                        : ""
                )
                : ("", "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return ("", "");
        }
    }

    /// <summary>One fact.</summary>
    /// <param name="sequence">Its number in its task.</param>
    /// <param name="position">Its place in the journal.</param>
    /// <param name="stored">The stored bytes.</param>
    /// <param name="hash">The stored hash.</param>
    public static AuditEntry Entry(
        long sequence,
        long position,
        ReadOnlyMemory<byte> stored,
        ReadOnlySpan<byte> hash
    )
    {
        var hex = Convert.ToHexStringLower(hash);
        try
        {
            using var document = JsonDocument.Parse(stored);
            var root = document.RootElement;
            var fact = root.GetProperty("fact");
            return new AuditEntry(
                sequence,
                position,
                root.GetProperty("at").GetDateTimeOffset(),
                Text(fact, "fact"),
                Named(fact, People),
                Named(fact, Doors),
                What(fact),
                hex
            );
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
            )
        {
            return new AuditEntry(
                sequence,
                position,
                default,
                "unreadable",
                "",
                "",
                $"{stored.Length} bytes that are no fact",
                hex
            );
        }
    }

    // In the fact itself, else in what was asked for (its "spec") or said (its "reply").
    private static string Named(JsonElement fact, string[] names)
    {
        foreach (var name in names)
        {
            if (Text(fact, name) is { Length: > 0 } own)
            {
                return own;
            }
        }
        return Words
                .Select(w => fact.TryGetProperty(w, out var inner) ? inner : default)
                .Where(i => i.ValueKind == JsonValueKind.Object)
                .SelectMany(i => names.Select(n => Text(i, n)))
                .FirstOrDefault(t => t.Length > 0)
            ?? "";
    }

    private static string What(JsonElement fact)
    {
        var words = new StringBuilder();
        foreach (var member in fact.EnumerateObject())
        {
            if (
                member.Name != "fact" && !People.Contains(member.Name, StringComparer.Ordinal)
                || member.Value.ValueKind == JsonValueKind.Object
            )
            {
                Add(words, member.Name, member.Value, 1);
            }
        }
        return words.Length <= WhatMax ? words.ToString() : words.ToString(0, WhatMax - 1) + "…";
    }

    private static void Add(StringBuilder words, string name, JsonElement value, int depth)
    {
        if (words.Length > WhatMax)
        {
            return;
        }
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when depth < DepthMax:
                foreach (var member in value.EnumerateObject())
                {
                    Add(words, $"{name}.{member.Name}", member.Value, depth + 1);
                }
                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                Say(words, name, Items(value));
                break;
            case JsonValueKind.String when value.GetString() is { Length: > 0 } text:
                Say(words, name, Cut(text));
                break;
            case JsonValueKind.Number:
                Say(words, name, value.GetRawText());
                break;
            case JsonValueKind.True:
                Say(words, name, "true");
                break;
            default:
                break;
        }
    }

    private static string Items(JsonElement array)
    {
        var count = array.GetArrayLength();
        var shown = array
            .EnumerateArray()
            .Take(ItemsMax)
            .Where(i => i.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            .Select(i => Cut(i.ToString()))
            .ToList();
        return shown.Count == count
            ? $"[{string.Join(", ", shown)}]"
            : string.Create(CultureInfo.InvariantCulture, $"[{count} items]");
    }

    private static void Say(StringBuilder words, string name, string value) =>
        words.Append(words.Length > 0 ? " " : "").Append(name).Append('=').Append(value);

    // One line of a table, whatever somebody wrote: no line feed, and nothing that a terminal obeys.
    private static string Cut(string text)
    {
        var cut = text.Length > ValueMax ? string.Concat(text.AsSpan(0, ValueMax - 1), "…") : text;
        return string.Create(
            cut.Length,
            cut,
            static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    span[i] = char.IsControl(source[i]) ? ' ' : source[i];
                }
            }
        );
    }

    private static string Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? Cut(value.GetString()!)
            : "";
}
