using CsCheck;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Tasks;
using Xunit;

namespace Orchestrator.UnitTests.Tasks;

public sealed class AttachmentRulesTests
{
    [Theory]
    [InlineData("notes.txt", "notes.txt")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\Users\\x\\plan.png", "plan.png")]
    [InlineData("a b\tc.md", "a_b_c.md")]
    [InlineData("x:stream", "stream")]
    [InlineData("CON.txt", "attachment-CON.txt")]
    [InlineData("nul", "attachment-nul")]
    [InlineData("...", "attachment")]
    [InlineData("", "attachment")]
    [InlineData("-rf", "-rf")]
    [InlineData("$(reboot).log", "reboot_.log")]
    [InlineData("über.txt", "über.txt")]
    public void A_name_is_plain_whatever_came(string raw, string name) =>
        Assert.Equal(name, AttachmentRules.NameOf(raw));

    [Fact]
    public void Any_name_becomes_one_that_stays_in_its_folder_and_is_short() =>
        Gen.String.Sample(raw =>
        {
            var name = AttachmentRules.NameOf(raw);

            Assert.InRange(name.Length, 1, AttachmentRules.NameMax + "attachment-".Length);
            Assert.DoesNotContain(name, c => c is '/' or '\\' or ':' or '\0' or ' ' or '"');
            Assert.False(name is "." or "..");
            Assert.False(name.EndsWith('.'));
        });

    [Fact]
    public void What_a_file_is_its_own_bytes_say()
    {
        Assert.Equal("text/plain", AttachmentRules.TypeOf("grüße"u8));
        Assert.Equal("application/pdf", AttachmentRules.TypeOf("%PDF-1.7"u8));
        Assert.Equal("image/webp", AttachmentRules.TypeOf("RIFF0000WEBPVP8 "u8));
        Assert.Equal("image/gif", AttachmentRules.TypeOf("GIF89a\0\0"u8));
        Assert.Null(AttachmentRules.TypeOf([0x4D, 0x5A, 0, 0]));
        Assert.Null(AttachmentRules.TypeOf([0xC3, 0x28]));
    }

    [Fact]
    public void Nothing_and_too_much_are_refused_by_name()
    {
        var (none, empty) = AttachmentRules.Read("../a.txt", [], "");
        var (_, large) = AttachmentRules.Read("a.txt", new byte[Attachment.BytesMax + 1], "");

        Assert.Null(none);
        Assert.Equal("The file 'a.txt' is empty.", empty?.Message);
        Assert.Contains("larger than 20 MiB", large?.Message, StringComparison.Ordinal);
    }
}
