using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Decisions.Policy;

/// <summary>A part of a YAML text, with the place where it begins.</summary>
internal abstract record YamlPart(int Line, int Column)
{
    /// <summary>A value; <see cref="Plain"/> = without quotes.</summary>
    internal sealed record Text(int Line, int Column, string Value, bool Plain)
        : YamlPart(Line, Column);

    internal sealed record Items(int Line, int Column, IReadOnlyList<YamlPart> Parts)
        : YamlPart(Line, Column);

    internal sealed record Entries(
        int Line,
        int Column,
        IReadOnlyList<(Text Key, YamlPart Value)> Parts
    ) : YamlPart(Line, Column);
}

/// <summary>Why a text is no policy.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Message">What is wrong, naming the thing.</param>
/// <param name="Cure">What to write instead; may be empty.</param>
public sealed record PolicyProblem(int Line, int Column, string Message, string Cure);

/// <summary>All problems of a text, in its order; at most 200.</summary>
internal sealed class PolicyProblems
{
    private const int Max = 200;
    private readonly List<PolicyProblem> found = [];

    public bool None => found.Count == 0;

    public bool Full => found.Count >= Max;

    public IReadOnlyList<PolicyProblem> InOrder =>
        [.. found.OrderBy(p => p.Line).ThenBy(p => p.Column)];

    public void Add(YamlPart at, string message, string cure) =>
        Add(at.Line, at.Column, message, cure);

    public void Add(int line, int column, string message, string cure)
    {
        if (!Full)
        {
            found.Add(new PolicyProblem(line, column, message, cure));
        }
    }
}

/// <summary>
/// Reads YAML event by event into parts: no alias is followed, nothing is nested deeper than <see cref="DepthMax"/>, so
/// that no text costs more than its length.
/// </summary>
internal sealed class PolicyYaml(PolicyProblems problems)
{
    /// <summary>Deepest nesting; a policy needs 7.</summary>
    public const int DepthMax = 16;

    private const int PartsMax = 50_000;
    private int parts;

    /// <summary>The text's one document; null with problems when there is none.</summary>
    public YamlPart? Read(string text)
    {
        var parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
        try
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                problems.Add(1, 1, "The text holds nothing", "Begin with 'version: 1'.");
                return null;
            }
            var root = Part(parser, 0);
            if (root is not null)
            {
                parser.Consume<DocumentEnd>();
                if (parser.TryConsume<DocumentStart>(out var second))
                {
                    problems.Add(
                        Line(second),
                        Column(second),
                        "A second document begins here",
                        "Keep one policy in a file."
                    );
                }
            }
            return root;
        }
        catch (YamlException e)
        {
            problems.Add(
                (int)Math.Max(1, e.Start.Line),
                (int)Math.Max(1, e.Start.Column),
                "This is no valid YAML: " + Sentence(e.Message),
                "Check the indentation and quotes before this place."
            );
        }
        catch (Exception e)
            when (e
                    is InvalidOperationException
                        or ArgumentException
                        or IndexOutOfRangeException
                        or OverflowException
                        or FormatException
            )
        {
            // The YAML reader's answer to some texts that end in the middle.
            problems.Add(
                (int)Math.Max(1, parser.Current?.End.Line ?? 1),
                (int)Math.Max(1, parser.Current?.End.Column ?? 1),
                "This is no valid YAML from here: it ends in the middle or holds characters that YAML forbids",
                "Close what was opened, and save it as UTF-8 text."
            );
        }
        return null;
    }

    private YamlPart? Part(Parser parser, int depth)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            AddAnchor(alias);
            return new YamlPart.Text(Line(alias), Column(alias), "", Plain: false);
        }
        if (!parser.Accept<NodeEvent>(out var node))
        {
            parser.Consume<NodeEvent>(); // throws, with the place
            return null;
        }
        if (++parts > PartsMax || depth > DepthMax)
        {
            problems.Add(
                Line(node),
                Column(node),
                depth > DepthMax
                    ? $"Nested deeper than {DepthMax}"
                    : $"More than {PartsMax} values",
                "Shorten the policy."
            );
            return null;
        }
        if (!node.Anchor.IsEmpty)
        {
            AddAnchor(node);
        }
        else if (!node.Tag.IsEmpty)
        {
            problems.Add(
                Line(node),
                Column(node),
                "Tags (!) are not taken",
                "Write the value alone, or quote a text that begins with '!'."
            );
        }
        return node switch
        {
            Scalar => Text(parser),
            SequenceStart => Items(parser, depth),
            _ => Entries(parser, depth),
        };
    }

    private static YamlPart.Text Text(Parser parser)
    {
        var scalar = parser.Consume<Scalar>();
        return new YamlPart.Text(
            Line(scalar),
            Column(scalar),
            scalar.Value,
            scalar.Style == ScalarStyle.Plain
        );
    }

    private void AddAnchor(ParsingEvent part) =>
        problems.Add(
            Line(part),
            Column(part),
            "Anchors and aliases (& and *) are not taken",
            "Write the value out, or quote a text that begins with '*' or '&'."
        );

    private YamlPart.Items? Items(Parser parser, int depth)
    {
        var start = parser.Consume<SequenceStart>();
        var items = new List<YamlPart>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (Part(parser, depth + 1) is not { } part)
            {
                return null;
            }
            items.Add(part);
        }
        return new YamlPart.Items(Line(start), Column(start), items);
    }

    private YamlPart.Entries? Entries(Parser parser, int depth)
    {
        var start = parser.Consume<MappingStart>();
        var entries = new List<(YamlPart.Text, YamlPart)>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (Part(parser, depth + 1) is not { } key || Part(parser, depth + 1) is not { } value)
            {
                return null;
            }
            if (key is YamlPart.Text { Value.Length: > 0 and <= 400 } text)
            {
                entries.Add((text, value));
            }
            else
            {
                problems.Add(key, "A key is a short text", "Write 'key: value'.");
            }
        }
        return new YamlPart.Entries(Line(start), Column(start), entries);
    }

    private static int Line(ParsingEvent part) => (int)Math.Clamp(part.Start.Line, 1, int.MaxValue);

    private static int Column(ParsingEvent part) =>
        (int)Math.Clamp(part.Start.Column, 1, int.MaxValue);

    private static string Sentence(string message)
    {
        var line = message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        return line.Length > 200 ? line[..200] : line;
    }
}
