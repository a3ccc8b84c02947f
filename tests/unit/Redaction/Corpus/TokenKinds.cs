#pragma warning disable CA5394 // chance that can be repeated, not secrets

namespace Orchestrator.UnitTests.Redaction.Corpus;

/// <summary>
/// Kinds of secrets, each written from the format that its provider, or a scanner that providers register their tokens
/// with, publishes: not from the redactor's rules. No secret stands here: they are made from the formats with a fixed seed.
/// </summary>
internal static partial class TokenKinds
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<TokenKind> All { get; } =
    [.. Cloud, .. Databases, .. Code, .. Build, .. Work, .. Chat, .. Payment, .. Models];

    /// <summary>A text with one of each.</summary>
    public static IEnumerable<string> Texts()
    {
        var chance = new Random(All.Count);
        return [.. All.Select((k, i) => k.Example(chance, i).Text)];
    }
}
