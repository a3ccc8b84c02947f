using System.Text.Json;

namespace Orchestrator.Decisions.Runners;

/// <summary>
/// What one <c>assistant</c> line of the stream says, as raw parts of the line: strings are still escaped, nothing is
/// allocated. Of several content blocks the last counts as the step.
/// </summary>
internal ref struct AssistantLine
{
    /// <summary>The line's <c>error</c> word, or empty.</summary>
    public ReadOnlySpan<byte> Error;

    /// <summary>Name of the last block's tool, or empty when the block is text.</summary>
    public ReadOnlySpan<byte> Tool;

    /// <summary>What the tool works on, or the text.</summary>
    public ReadOnlySpan<byte> Subject;

    /// <summary>Blocks that call a tool.</summary>
    public int ToolCalls;

    /// <summary>True when a block says what the agent does.</summary>
    public bool HasStep;

    private GuardWatch? watch;

    /// <summary>Reads a whole line, and tells the watch of each call in it. Throws <see cref="JsonException"/> when it is no JSON.</summary>
    public static AssistantLine Read(
        ReadOnlySpan<byte> text,
        JsonReaderOptions options,
        GuardWatch? watch = null
    )
    {
        var line = new AssistantLine { watch = watch };
        var reader = new Utf8JsonReader(text, options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("error"u8))
            {
                line.Error = StringOrSkip(ref reader);
            }
            else if (reader.ValueTextEquals("message"u8))
            {
                line.ReadMessage(ref reader);
            }
            else
            {
                Skip(ref reader);
            }
        }
        reader.Read(); // throws when something follows the object
        return line;
    }

    private void ReadMessage(scoped ref Utf8JsonReader reader)
    {
        if (!Enters(ref reader, JsonTokenType.StartObject))
        {
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("content"u8))
            {
                Skip(ref reader);
                continue;
            }
            if (!Enters(ref reader, JsonTokenType.StartArray))
            {
                continue;
            }
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadBlock(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }
    }

    private void ReadBlock(scoped ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> kind = default,
            name = default,
            said = default,
            id = default,
            target = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                kind = StringOrSkip(ref reader);
            }
            else if (reader.ValueTextEquals("name"u8))
            {
                name = StringOrSkip(ref reader);
            }
            else if (reader.ValueTextEquals("text"u8))
            {
                said = StringOrSkip(ref reader);
            }
            else if (reader.ValueTextEquals("id"u8))
            {
                id = StringOrSkip(ref reader);
            }
            else if (reader.ValueTextEquals("input"u8))
            {
                target = ReadTarget(ref reader);
            }
            else
            {
                Skip(ref reader);
            }
        }
        if (kind.SequenceEqual("tool_use"u8))
        {
            Tool = name;
            Subject = target;
            HasStep = true;
            ToolCalls++;
            watch?.Called(name, id);
        }
        else if (kind.SequenceEqual("text"u8))
        {
            Tool = default;
            Subject = said;
            HasStep = true;
        }
    }

    private static ReadOnlySpan<byte> ReadTarget(scoped ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> target = default;
        if (!Enters(ref reader, JsonTokenType.StartObject))
        {
            return target;
        }
        var rank = int.MaxValue;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = Rank(ref reader);
            var value = StringOrSkip(ref reader);
            if (found < rank && !value.IsEmpty)
            {
                rank = found;
                target = value;
            }
        }
        return target;
    }

    // The smaller, the better it names what a tool works on.
    private static int Rank(scoped ref Utf8JsonReader name) =>
        name.ValueTextEquals("file_path"u8) ? 0
        : name.ValueTextEquals("command"u8) ? 1
        : name.ValueTextEquals("pattern"u8) ? 2
        : name.ValueTextEquals("path"u8) ? 3
        : name.ValueTextEquals("notebook_path"u8) ? 4
        : int.MaxValue;

    // On the property's name; false leaves the reader at the value's end.
    private static bool Enters(scoped ref Utf8JsonReader reader, JsonTokenType start)
    {
        reader.Read();
        if (reader.TokenType == start)
        {
            return true;
        }
        reader.Skip();
        return false;
    }

    internal static void Skip(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    internal static ReadOnlySpan<byte> StringOrSkip(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.ValueSpan;
        }
        reader.Skip();
        return default;
    }
}
