using System.Text;
using Orchestrator.Decisions.Policy;
using Xunit;

namespace Orchestrator.UnitTests.Policy;

/// <summary>Texts that look and mean the same are folded into one, to the character as Unicode's own tables say; others stay apart.</summary>
public sealed class CanonicalFormTests
{
    [Theory]
    // letters
    [InlineData("", "")]
    [InlineData("abc-1_Z", "abc-1_z")]
    [InlineData("azAZ@[`{", "azaz@[`{")]
    [InlineData("\u007F\u0080", "\u007F\u0080")]
    [InlineData("É", "e\u0301")]
    [InlineData("\u00C0", "a\u0300")]
    [InlineData("\u212B", "a\u030A")]
    [InlineData("\u0390", "\u03B9\u0308\u0301")]
    [InlineData("\u0130", "i\u0307")]
    [InlineData("\u212A", "k")]
    [InlineData("Ж", "ж")]
    [InlineData("\u03C2\u03A3", "\u03C3\u03C3")]
    [InlineData("漢字", "漢字")]
    [InlineData("😀", "😀")]
    [InlineData("\U00010400", "\U00010428")]
    // letters that are several, or another one, in another case
    [InlineData("ß", "ss")]
    [InlineData("ẞ", "ss")]
    [InlineData("\uFB00", "ff")]
    [InlineData("\uFB01", "fi")]
    [InlineData("\uFB02", "fl")]
    [InlineData("\uFB03", "ffi")]
    [InlineData("\uFB04", "ffl")]
    [InlineData("\uFB05", "st")]
    [InlineData("\uFB06", "st")]
    [InlineData("\u017F", "s")]
    [InlineData("\u0131", "i")]
    // marks in the order of their classes: 220 below, 230 above, 232 above right
    [InlineData("\u1E69", "s\u0323\u0307")]
    [InlineData("s\u0307\u0323", "s\u0323\u0307")]
    [InlineData("s\u0323\u0307", "s\u0323\u0307")]
    [InlineData("a\u0315\u0300\u0316", "a\u0316\u0300\u0315")]
    [InlineData("a\u0300\u0319", "a\u0319\u0300")]
    [InlineData("a\u0314\u0316", "a\u0316\u0314")]
    [InlineData("a\u0302\u0316", "a\u0316\u0302")]
    [InlineData("a\u0307\u0318", "a\u0318\u0307")]
    [InlineData("a\u0316\u0334", "a\u0334\u0316")]
    [InlineData("\u0301\u0316", "\u0316\u0301")]
    // within a class their own order counts, and a letter between them parts them
    [InlineData("a\u0301\u0300", "a\u0301\u0300")]
    [InlineData("a\u0300\u0301", "a\u0300\u0301")]
    [InlineData("e\u0301a\u0316", "e\u0301a\u0316")]
    public void A_text_is_folded_to_the_character(string text, string folded) =>
        Assert.Equal(Codes(folded), Codes(CanonicalForm.Fold(text)));

    // A lead is 1100 to 1112, a vowel 1161 to 1175, a tail 11A8 to 11C2; what is just beside them is no part of a syllable.
    [Theory]
    [InlineData("\u1100\u1161", "\uAC00")]
    [InlineData("\u1112\u1175", "\uD788")]
    [InlineData("\u1100\u1175", "\uAE30")]
    [InlineData("\u1112\u1161", "\uD558")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01")]
    [InlineData("\u1100\u1161\u11C2", "\uAC1B")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\uAC00\u11C2", "\uAC1B")]
    [InlineData("\uD788\u11C2", "\uD7A3")]
    [InlineData("\uD7A3", "\uD7A3")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "\uD55C\uAE00")]
    public void Letters_of_Hangul_are_put_together(string text, string folded) =>
        Assert.Equal(Codes(folded), Codes(CanonicalForm.Fold(text)));

    [Theory]
    // no lead before the vowel
    [InlineData("\u1161")]
    [InlineData("a\u1161")]
    [InlineData("\u10FF\u1161")]
    [InlineData("\u1113\u1161")]
    [InlineData("\uAC00\u1161")]
    // no vowel after the lead
    [InlineData("\u1100")]
    [InlineData("\u1100a")]
    [InlineData("\u1100\u1100")]
    [InlineData("\u1100\u1176")]
    [InlineData("\u1100\u3042")]
    // no tail after the syllable
    [InlineData("\uAC00\u11A7")]
    [InlineData("\uAC00\u11C3")]
    [InlineData("\uAC00\u3042")]
    [InlineData("\uAC00\uAC00")]
    // no syllable, or a whole one, before the tail; 'd' and D7A4 are as far from the first as a syllable would be
    [InlineData("\u11A8")]
    [InlineData("a\u11A8")]
    [InlineData("d\u11A8")]
    [InlineData("\uD7A4\u11A8")]
    [InlineData("\u1161\u11A8")]
    [InlineData("\uAC01\u11A8")]
    [InlineData("\uAC1B\u11C2")]
    [InlineData("\uD7A3\u11A8")]
    [InlineData("d\u3042")]
    public void What_is_no_syllable_of_Hangul_stays(string text) =>
        Assert.Equal(Codes(text), Codes(CanonicalForm.Fold(text)));

    [Theory]
    [InlineData("dß", "dss")]
    [InlineData("\uAC00é", "\uAC00e\u0301")]
    public void A_letter_beside_a_syllable_is_folded_by_itself(string text, string folded) =>
        Assert.Equal(Codes(folded), Codes(CanonicalForm.Fold(text)));

    [Theory]
    [InlineData(0x00AD, true)] // soft hyphen
    [InlineData(0x034E, false)]
    [InlineData(0x034F, true)] // grapheme joiner
    [InlineData(0x0350, false)]
    [InlineData(0x115E, false)]
    [InlineData(0x115F, true)] // fillers of Hangul
    [InlineData(0x1160, true)]
    [InlineData(0x1161, false)]
    [InlineData(0x200B, true)] // zero width
    [InlineData(0x200D, true)]
    [InlineData(0x202E, true)] // direction marks
    [InlineData(0x3163, false)]
    [InlineData(0x3164, true)]
    [InlineData(0x3165, false)]
    [InlineData(0xFDFF, false)]
    [InlineData(0xFE00, true)] // variation selectors
    [InlineData(0xFE01, true)]
    [InlineData(0xFE0E, true)]
    [InlineData(0xFE0F, true)]
    [InlineData(0xFE10, false)]
    [InlineData(0xFEFF, true)] // byte order mark
    [InlineData(0x0061, false)]
    [InlineData(0x0020, false)]
    public void A_character_without_a_look_does_not_count(int code, bool ignored)
    {
        var rune = new Rune(code);

        Assert.Equal(ignored, CanonicalForm.IsIgnored(rune));
        Assert.Equal(ignored, CanonicalForm.Fold($"É{rune}/A") == CanonicalForm.Fold("é/a"));
    }

    [Fact]
    public void A_text_in_lower_case_is_handed_back_as_it_is()
    {
        const string Plain = "src/app-1.cs";

        Assert.Same(Plain, CanonicalForm.Fold(Plain));
    }

    // As numbers: characters that look alike are told apart when a test fails.
    private static string Codes(string text) =>
        string.Join(' ', text.EnumerateRunes().Select(r => $"{r.Value:X4}"));
}
