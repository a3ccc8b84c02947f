using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.UnitTests.Simulation;

namespace Orchestrator.UnitTests.Fuzz;

/// <summary>
/// Changes a real text as a broken sender would: JSON by its nodes (whole lines or the whole text), other text by its
/// lines and words, both now and then by bytes. The same seed makes the same mutants.
/// </summary>
internal sealed class Mutator(IReadOnlyList<string> seeds, ulong seed)
{
    private static readonly string[] Values =
    [
        "null",
        "true",
        "-1",
        "0",
        "1e999",
        "-1e-999",
        "123456789012345678901234567890",
        "2147483648",
        "9223372036854775808",
        "0.1",
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"../../etc/passwd\"",
        "\"C:\\\\Windows\"",
        "\"\\\\\\\\server\\\\share\"",
        "\"\\r\\n\\u2028\"",
        "\"ä漢😀\"",
        "[]",
        "{}",
        "[[[[[[[[[[]]]]]]]]]]",
        "[null]",
        "{\"\":{}}",
        "{\"type\":1,\"type\":\"result\"}",
        "\"" + new string('x', 5_000) + "\"",
    ];

    private static readonly string[] Words =
    [
        "",
        " ",
        "\t",
        "\r\n",
        "---",
        "...",
        "- ",
        ": ",
        "|",
        "&a",
        "*a",
        "!!binary",
        "# ",
        "**",
        "```",
        "{{",
        "\0",
        "\uFEFF",
        "\uD800",
        "not ",
        "never ",
        "\"",
        "'",
        "%",
        "\\",
        new string('a', 3_000),
        new string('[', 500),
        new string(' ', 2_000),
    ];

    private readonly SimulatedChance chance = new(seed);

    /// <summary>The next mutant: one to four changes of a seed.</summary>
    public byte[] Next()
    {
        var text = chance.Of(seeds);
        for (var changes = 1 + chance.Below(4); changes > 0; changes--)
        {
            text = chance.Below(10) switch
            {
                0 or 1 or 2 or 3 => Node(text),
                4 or 5 => Line(text),
                6 or 7 => Word(text),
                _ => Splice(text),
            };
            if (text.Length > 200_000)
            {
                text = text[..200_000];
            }
        }
        var bytes = Encoding.UTF8.GetBytes(text);
        for (
            var flips = chance.Once(300) ? chance.Below(8) : 0;
            flips > 0 && bytes.Length > 0;
            flips--
        )
        {
            bytes[chance.Below(bytes.Length)] = (byte)chance.Below(256);
        }
        return bytes;
    }

    // One line of the text is taken as JSON, one node of it changed; what is no JSON is changed as text.
    private string Node(string text)
    {
        var lines =
            text.TrimStart().StartsWith('{') && text.Contains("\n{", StringComparison.Ordinal)
                ? text.Split('\n')
                : [text];
        var at = chance.Below(lines.Length);
        try
        {
            var root = JsonNode.Parse(lines[at], documentOptions: new() { MaxDepth = 200 });
            if (root is not null)
            {
                lines[at] = Change(root);
                return string.Join('\n', lines);
            }
        }
        catch (Exception e)
            when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // Mutated before, or never JSON.
        }
        return Word(text);
    }

    private string Change(JsonNode root)
    {
        var all = new List<JsonNode>();
        Collect(root, all);
        var node = chance.Of(all);
        var value = chance.Of(Values);
        var mark = "@@mutant@@";
        switch (node.Parent)
        {
            case JsonObject parent:
                var key = node.GetPropertyName();
                switch (chance.Below(5))
                {
                    case 0:
                        parent.Remove(key);
                        break;
                    case 1:
                        parent[key + "x"] = node.DeepClone();
                        break;
                    case 2:
                        var other = chance.Of(all);
                        parent[key] = other.DeepClone();
                        break;
                    default:
                        parent[key] = mark;
                        break;
                }
                break;
            case JsonArray parent:
                var index = node.GetElementIndex();
                if (chance.Once(500))
                {
                    parent.Insert(index, node.DeepClone());
                }
                else
                {
                    parent[index] = mark;
                }
                break;
            default:
                return chance.Once(500) ? value : root.ToJsonString();
        }
        // The value may be no JSON value at all: it takes the mark's place in the text.
        return root.ToJsonString().Replace($"\"{mark}\"", value, StringComparison.Ordinal);
    }

    private static void Collect(JsonNode node, List<JsonNode> all)
    {
        all.Add(node);
        var children = node switch
        {
            JsonObject o => o.Select(p => p.Value),
            JsonArray a => a,
            _ => [],
        };
        foreach (var child in children)
        {
            if (child is not null && all.Count < 2_000)
            {
                Collect(child, all);
            }
        }
    }

    private string Line(string text)
    {
        var lines = text.Split('\n').ToList();
        var at = chance.Below(lines.Count);
        switch (chance.Below(5))
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(at, lines[at]);
                break;
            case 2:
                lines[at] = new string(' ', chance.Below(8)) + lines[at].TrimStart();
                break;
            case 3:
                lines[at] = lines[at][..chance.Below(lines[at].Length + 1)];
                break;
            default:
                lines.Insert(chance.Below(lines.Count), lines[at]);
                break;
        }
        return string.Join('\n', lines);
    }

    private string Word(string text)
    {
        var at = chance.Below(text.Length + 1);
        var end = Math.Min(text.Length, at + (chance.Once(500) ? 0 : chance.Below(20)));
        return string.Concat(text.AsSpan(0, at), chance.Of(Words), text.AsSpan(end));
    }

    private string Splice(string text)
    {
        var other = chance.Of(seeds);
        return string.Concat(
            text.AsSpan(0, chance.Below(text.Length + 1)),
            other.AsSpan(chance.Below(other.Length + 1))
        );
    }
}
