namespace Orchestrator.Decisions.Mediation;

/// <summary>One question to the local model, with the bounds of its answer.</summary>
/// <param name="Job"><c>plan</c>, <c>earlier</c> or <c>result</c>; for logs.</param>
/// <param name="Instructions">What the model is to do.</param>
/// <param name="Text">The material, already cut to the job's limit.</param>
/// <param name="Schema">JSON Schema of the answer.</param>
/// <param name="Temperature">0 to 2.</param>
/// <param name="AnswerTokensMax">Longest answer, tokens.</param>
/// <param name="TextBefore">Length of the material before the cut, characters.</param>
public sealed record ModelQuestion(
    string Job,
    string Instructions,
    string Text,
    string Schema,
    float Temperature,
    int AnswerTokensMax,
    int TextBefore
)
{
    /// <summary>True when the material was longer than the job's limit.</summary>
    public bool Cut => TextBefore > Text.Length;
}

/// <summary>Cuts text at a limit.</summary>
internal static class TextCut
{
    /// <summary>At most so many characters of the start, never half of a surrogate pair.</summary>
    public static string Head(string text, int max)
    {
        if (text.Length <= max)
        {
            return text;
        }
        return text[..(max > 0 && char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];
    }

    /// <summary>One line, trimmed; runs of blanks and line ends become one blank.</summary>
    public static string Line(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
