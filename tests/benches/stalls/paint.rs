//! Paints as the window does, on a texture instead of a screen.

use std::iter::once;

use eframe::egui_wgpu::{RenderState, RendererOptions, ScreenDescriptor};
use eframe::wgpu;
use egui::{ClippedPrimitive, TexturesDelta};
use egui_kittest::wgpu::{create_render_state, default_wgpu_setup};

pub struct Painter {
    state: RenderState,
    target: wgpu::TextureView,
    screen: ScreenDescriptor,
}

impl Painter {
    /// A painter of so many pixels, by a GPU that is imitated in software where there is one.
    pub fn new(size_in_pixels: [u32; 2]) -> Self {
        let state = create_render_state(default_wgpu_setup(), RendererOptions::default());
        let [width, height] = size_in_pixels;
        let target = state.device.create_texture(&wgpu::TextureDescriptor {
            label: None,
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: state.target_format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        });
        let target = target.create_view(&wgpu::TextureViewDescriptor::default());
        Self { state, target, screen: ScreenDescriptor { size_in_pixels, pixels_per_point: 1.0 } }
    }

    /// Hands textures and triangles over, and does not wait until they are painted.
    pub fn paint(&self, triangles: &[ClippedPrimitive], textures: &mut TexturesDelta) {
        let RenderState { device, queue, renderer, .. } = &self.state;
        let mut renderer = renderer.write();
        for (id, images) in textures.set.drain() {
            for image in images {
                renderer.update_texture(device, queue, id, &image);
            }
        }
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let more = renderer.update_buffers(device, queue, &mut encoder, triangles, &self.screen);
        let attachment = wgpu::RenderPassColorAttachment {
            view: &self.target,
            resolve_target: None,
            ops: wgpu::Operations {
                load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                store: wgpu::StoreOp::Store,
            },
            depth_slice: None,
        };
        let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            color_attachments: &[Some(attachment)],
            ..wgpu::RenderPassDescriptor::default()
        });
        renderer.render(&mut pass.forget_lifetime(), triangles, &self.screen);
        queue.submit(more.into_iter().chain(once(encoder.finish())));
        for id in textures.free.drain() {
            renderer.free_texture(&id);
        }
    }

    /// Waits until all is painted.
    pub fn wait(&self) {
        self.state.device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    }
}
