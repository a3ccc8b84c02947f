using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Orchestrator.Decisions.Policy;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Tasks;

namespace Orchestrator.Decisions.Tasks;

/// <summary>What files people may send along: known by their own first bytes, named so that no system stumbles over it.</summary>
public static class AttachmentRules
{
    /// <summary>Longest name, characters.</summary>
    public const int NameMax = 100;

    private const int ExtensionMax = 16;
    private const string Nameless = "attachment";

    private static readonly (byte[] Start, int At, string Type)[] Known =
    [
        ([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A], 0, "image/png"),
        ([0xFF, 0xD8, 0xFF], 0, "image/jpeg"),
        ("GIF87a"u8.ToArray(), 0, "image/gif"),
        ("GIF89a"u8.ToArray(), 0, "image/gif"),
        ("WEBP"u8.ToArray(), 8, "image/webp"),
        ("%PDF-"u8.ToArray(), 0, "application/pdf"),
    ];

    /// <summary>The file as it is kept, or why not.</summary>
    /// <param name="name">As it came; nothing of it is believed.</param>
    /// <param name="content">The whole content.</param>
    /// <param name="blob">Where the content lies.</param>
    public static (Attachment? Attachment, Failure? Failure) Read(
        string name,
        ReadOnlySpan<byte> content,
        string blob
    )
    {
        var safe = NameOf(name);
        if (content.Length == 0)
        {
            return (null, Refuse($"The file '{safe}' is empty."));
        }
        if (content.Length > Attachment.BytesMax)
        {
            return (null, TooLarge(safe));
        }
        return TypeOf(content) is { } type
            ? (
                new Attachment
                {
                    Name = safe,
                    Blob = blob,
                    Bytes = content.Length,
                    MediaType = type,
                },
                null
            )
            : (
                null,
                Refuse(
                    $"The file '{safe}' is neither text (UTF-8) nor an image (PNG, JPEG, GIF, WebP) nor a PDF. Send it as one of these, or put it into the repository."
                )
            );
    }

    /// <summary>A file that is larger than is taken.</summary>
    public static Failure TooLarge(string name) =>
        Refuse(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The file '{NameOf(name)}' is larger than {Attachment.BytesMax / 1024 / 1024} MiB. Send the part that matters, or put it into the repository."
            )
        );

    /// <summary>A plain name that every system takes: the last part of a path, without what means something to a shell or a file system.</summary>
    public static string NameOf(string raw)
    {
        var name = (raw ?? "").Normalize(NormalizationForm.FormC);
        name = name[(name.LastIndexOfAny(['/', '\\', ':']) + 1)..];
        var text = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            text.Append(char.IsLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_');
        }
        var plain = text.ToString().Trim('.', '_', ' ');
        if (plain.Length > NameMax)
        {
            var dot = plain.LastIndexOf('.');
            var extension = dot > 0 && plain.Length - dot <= ExtensionMax ? plain[dot..] : "";
            plain = Mediation.TextCut.Head(plain, NameMax - extension.Length) + extension;
        }
        return plain.Length == 0 ? Nameless
            // CON.txt is a device on Windows, whatever comes after the dot.
            : RepositoryPath.Reserved(plain).Length > 0 ? Nameless + "-" + plain
            : plain;
    }

    /// <summary>What a content is by its own bytes; null = nothing that is taken.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> content)
    {
        foreach (var (start, at, type) in Known)
        {
            if (content.Length >= at + start.Length && content[at..].StartsWith(start))
            {
                return type;
            }
        }
        return !content.Contains((byte)0) && Utf8.IsValid(content) ? "text/plain" : null;
    }

    private static Failure Refuse(string message) => new(FailureCodes.InvalidRequest, message);
}
