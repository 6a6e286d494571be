"""Between the YUV that files hold and the RGB that everything else sees."""

import av
import cv2
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from av.video.stream import VideoStream
from jaxtyping import UInt8

_MATRIX_BT709 = 1
_MATRIX_UNSPECIFIED = 2
# ITU-R BT.709, section 3: red, green, blue and 1 to Y′ (16 to 235), Cb and Cr (16 to 240)
_BT709_FROM_RGB = np.array(
    [
        [0.2126 * 219 / 255, 0.7152 * 219 / 255, 0.0722 * 219 / 255, 16],
        [-0.2126 / 1.8556 * 224 / 255, -0.7152 / 1.8556 * 224 / 255, 0.5 * 224 / 255, 128],
        [0.5 * 224 / 255, -0.7152 / 1.5748 * 224 / 255, -0.0722 / 1.5748 * 224 / 255, 128],
    ],
    np.float32,
)


class RgbOf:
    """Converts the decoded pictures of a file, of any pixel format, one after the other.

    It remembers how, because to find out takes FFmpeg longer than to do it.
    """

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, frame: av.VideoFrame) -> UInt8[np.ndarray, "h w 3"]:
        """Convert a picture by the matrix and range that it names.

        One that names no matrix is taken as players take it: BT.709 if it is larger than standard
        definition, BT.601 otherwise. HDR is not tone-mapped.
        """
        large = frame.width >= 1280 or frame.height > 576
        unnamed = frame.colorspace == _MATRIX_UNSPECIFIED
        matrix = Colorspace.ITU709 if unnamed and large else None
        rgb = self._reformatter.reformat(frame, format="rgb24", src_colorspace=matrix)
        return np.ascontiguousarray(rgb.to_ndarray(), np.uint8)


def i420_of(rgb: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "rows even"]:
    """Convert to planar 4:2:0, BT.709, limited range; odd sides repeat their last line.

    Twice as fast as swscale. OpenCV's own conversion is faster still, but takes the colour of one
    pixel in four, which frays thin coloured lines.
    """
    height, width = rgb.shape[:2]
    if height % 2 or width % 2:
        rgb = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        height, width = rgb.shape[:2]
    yuv = cv2.transform(rgb, _BT709_FROM_RGB)
    halved = cv2.resize(yuv, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    # Straight into their places: joining the planes afterwards took as long as all the rest twice.
    planar = np.empty((height * 3 // 2, width), np.uint8)
    luma, chroma = planar[:height], planar[height:].reshape(2, height // 2, width // 2)
    cv2.extractChannel(yuv, 0, dst=luma)
    cv2.extractChannel(halved, 1, dst=chroma[0])
    cv2.extractChannel(halved, 2, dst=chroma[1])
    return planar


def tag_i420(stream: VideoStream) -> None:
    """Write into the output's header what :func:`i420_of` makes."""
    stream.codec_context.colorspace = _MATRIX_BT709
    stream.codec_context.color_range = ColorRange.MPEG
    stream.codec_context.color_primaries = ColorPrimaries.BT709
    stream.codec_context.color_trc = ColorTrc.BT709
